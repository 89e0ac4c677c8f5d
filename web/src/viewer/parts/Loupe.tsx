import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { isTypingPlace } from '@/ui/commands';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from '../case';
import type { Point } from '../model/calibration';

const SIZE = 220;
const TIMES = 2.5;
export const LOUPE_KEY = 'j';

/** Follows the pointer over one pane, as long as the loupe is on. */
function usePointer(element: HTMLElement | null, isOn: boolean): Point | null {
  const [at, setAt] = useState<Point | null>(null);
  useEffect(() => {
    if (!element) return;
    const move = (event: PointerEvent): void => {
      const { left, top } = element.getBoundingClientRect();
      setAt([event.clientX - left, event.clientY - top]);
    };
    const leave = (): void => setAt(null);
    element.addEventListener('pointermove', move, true);
    element.addEventListener('pointerleave', leave);
    return () => {
      element.removeEventListener('pointermove', move, true);
      element.removeEventListener('pointerleave', leave);
    };
  }, [element]);
  return isOn ? at : null;
}

/** On while the key is held: the command switches it on, letting go switches it off. */
export function useLoupeKey(viewer: ViewerCase): void {
  useEffect(() => {
    const up = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() === LOUPE_KEY && !isTypingPlace(event.target as Element | null))
        viewer.store.set({ isLoupe: false });
    };
    window.addEventListener('keyup', up);
    return () => window.removeEventListener('keyup', up);
  }, [viewer]);
}

/** What is on screen under the pointer, larger. It is cut from the screen: it shows no more than zooming would, only sooner. */
export function Loupe({
  viewer,
  index,
  element,
}: {
  viewer: ViewerCase;
  index: number;
  element: HTMLElement | null;
}) {
  const words = useWords().pictures;
  const isOn = useStore(viewer.store, (state) => state.isLoupe);
  const look = useStore(viewer.store, (state) => state.panes[index]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const at = usePointer(element, isOn);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !at || !element) return;
    void look;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.fillStyle = '#000';
    context.fillRect(0, 0, SIZE, SIZE);
    const picture = element.querySelector<HTMLCanvasElement>('canvas.cornerstone-canvas');
    if (!picture) return;
    const [left, top] = [SIZE / 2 - at[0] * TIMES, SIZE / 2 - at[1] * TIMES];
    context.drawImage(picture, left, top, element.clientWidth * TIMES, element.clientHeight * TIMES);
    for (const own of element.querySelectorAll<HTMLCanvasElement>('canvas.own-layer')) {
      if (own.hidden) continue;
      const { a, b, c, d, e, f } = new DOMMatrix(own.style.transform);
      context.globalAlpha = Number.parseFloat(own.style.opacity || '1');
      context.setTransform(a * TIMES, b * TIMES, c * TIMES, d * TIMES, e * TIMES + left, f * TIMES + top);
      context.drawImage(own, 0, 0);
    }
  }, [at, element, look]);
  if (!at) return null;
  return (
    <div className="loupe" style={{ left: at[0] - SIZE / 2, top: at[1] - SIZE / 2 }} data-testid="loupe">
      <canvas ref={canvas} width={SIZE} height={SIZE} />
      <span>{words.loupeTimes(TIMES)}</span>
    </div>
  );
}
