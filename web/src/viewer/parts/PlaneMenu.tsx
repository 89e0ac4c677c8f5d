import { Button, Menu } from '@mantine/core';
import { type Command, keysText } from '@/ui/commands';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from '../case';
import { isCutSet, ORIENTATIONS } from '../model/cuts';
import { SLAB_MODES } from '../model/reformat';
import { setInPane } from '../state';
import { planeName } from './cutText';

/** Everything about planes behind one button, which says what the active pane shows. */
export function PlaneMenu({
  viewer,
  find,
}: {
  viewer: ViewerCase;
  find: (id: string) => Command | undefined;
}) {
  const words = useWords();
  const set = useStore(viewer.store, (state) => setInPane(state, state.active));
  const guides = useStore(viewer.store, (state) => state.guides);
  const isCut = isCutSet(set);
  const item = (id: string, isOff = false, isOn = false) => {
    const command = find(id);
    const keys = command?.keys?.[0];
    return (
      command && (
        <Menu.Item
          key={id}
          onClick={command.run}
          disabled={isOff}
          leftSection={isOn ? '✓' : undefined}
          rightSection={keys && <kbd>{keysText(keys)}</kbd>}
        >
          {command.title}
        </Menu.Item>
      )
    );
  };
  const now = isCut ? set.cut : null;
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant={isCut ? 'light' : 'subtle'} color={isCut ? undefined : 'gray'} size="compact-sm">
          {isCut ? planeName(set.cut, words) : words.planes.menu} ▾
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {ORIENTATIONS.map((one) => item(`viewer.plane.${one}`, !set, now?.orientation === one))}
        {item('viewer.plane.original', !isCut)}
        {item('viewer.plane.unturn', !now?.isTurned)}
        <Menu.Divider />
        {SLAB_MODES.map((mode) => item(`viewer.slab.${mode}`, !isCut, now?.slab.mode === mode))}
        {item('viewer.slab.thicker', !isCut)}
        {item('viewer.slab.thinner', !isCut)}
        <Menu.Divider />
        {(['crosshair', 'reference', 'cursor'] as const).map((one) =>
          item(`viewer.guide.${one}`, false, guides[one]),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
