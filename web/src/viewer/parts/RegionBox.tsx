import { type PointerEvent, useState } from 'react';
import { tell } from '@/ui/feedback';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from '../case';
import { whyNotWhole } from '../marking';
import type { Point } from '../model/calibration';
import { windowFrom } from '../pictures';

const placeOf = (event: PointerEvent<HTMLDivElement>): Point => {
  const { left, top } = event.currentTarget.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
};

/** A box is drawn, and the window becomes that of its values. */
export function RegionBox({ viewer, index }: { viewer: ViewerCase; index: number }) {
  const words = useWords().pictures;
  const isOn = useStore(viewer.store, (state) => state.tool === 'region');
  const [box, setBox] = useState<{ from: Point; to: Point } | null>(null);
  if (!isOn) return null;
  const finish = (): void => {
    setBox(null);
    const view = viewer.view(index);
    const frame = viewer.frame(viewer.store.get().panes[index]?.shown?.imageId);
    const [a, b] = [box && view?.toPixel(box.from), box && view?.toPixel(box.to)];
    const isWhole = whyNotWhole(viewer, index) === '';
    const window = isWhole && frame && a && b ? windowFrom(frame, a, b) : null;
    if (window) viewer.setWindow(index, window.center, window.width);
    else tell(words.noRegion);
  };
  const [x, y] = box ? [Math.min(box.from[0], box.to[0]), Math.min(box.from[1], box.to[1])] : [0, 0];
  return (
    <div
      className="region-area"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setBox({ from: placeOf(event), to: placeOf(event) });
      }}
      onPointerMove={(event) => box && setBox({ from: box.from, to: placeOf(event) })}
      onPointerUp={() => box && finish()}
    >
      {box && (
        <div
          className="region-box"
          style={{
            left: x,
            top: y,
            width: Math.abs(box.to[0] - box.from[0]),
            height: Math.abs(box.to[1] - box.from[1]),
          }}
        />
      )}
    </div>
  );
}
