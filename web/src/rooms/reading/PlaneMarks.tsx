import { Button, Menu } from '@mantine/core';
import { useEffect, useState } from 'react';
import { tell } from '@/ui/feedback';
import { useStore } from '@/ui/store';
import type { ViewerCase } from '@/viewer/case';
import { openPlane } from '@/viewer/keyImage';
import { keptPlaneText } from '@/viewer/parts/cutText';
import { fateOfPlane } from '@/viewer/planeRecipe';
import { useWords } from '@/words';

/** Marks on planes are drawn only while their plane is cut: here they are all, each a click from its plane. */
export function PlaneMarks({ viewer }: { viewer: ViewerCase }) {
  const words = useWords();
  const m = words.figures.marks;
  const [marks, setMarks] = useState(() => viewer.marking.onPlanes());
  const studies = useStore(viewer.store, (state) => state.studies);
  useEffect(() => {
    const read = (): void => setMarks(viewer.marking.onPlanes());
    read();
    return viewer.marking.onChange(read);
  }, [viewer]);
  if (marks.length === 0) return null;
  const said = { here: '', waiting: m.planeWaiting, changed: m.planeGone };
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button size="compact-xs" variant="subtle" color="gray" data-testid="plane-marks">
          {m.onPlanes(marks.length)} ▾
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{m.onPlanesLead}</Menu.Label>
        {marks.map(({ id, kind, plane, lines }) => {
          const why = said[fateOfPlane({ ...viewer.store.get(), studies }, plane)];
          return (
            <Menu.Item
              key={id}
              disabled={Boolean(why)}
              onClick={() => void openPlane(viewer, plane).then((fault) => fault && tell(fault))}
            >
              {words.viewer.tools[kind]} {lines[0]}{' '}
              <span className="muted">{keptPlaneText(plane, words)}</span>
              {why && <div className="muted">{why}</div>}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
