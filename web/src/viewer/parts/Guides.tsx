import { type PointerEvent, useEffect, useRef } from 'react';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from '../case';
import type { StackPane } from '../engine/stage';
import { cursorOn, type GuideLine, linesOn, pointAt } from '../guides';
import type { Point } from '../model/calibration';
import { isCutSet, type Turn } from '../model/cuts';
import { pixelOf, pointOf } from '../model/lines';
import type { Vector } from '../model/vectors';
import { setInPane } from '../state';

/** Far enough from the edge to be taken hold of. */
const MARGIN = 34;
/** From the end of a line to its letter: the letters of the patient stand at the middle of the edges. */
const ASIDE = 12;
const INWARD = 18;
/** Left free around the crossing, so that the lines do not hide what they point at. */
const OPEN = 14;

interface Drawn extends GuideLine {
  from: Point;
  to: Point;
}

/** The part of a line within the area, so that its handles can be reached whatever the zoom. */
function clipped(from: Point, to: Point, width: number, height: number): [Point, Point] | null {
  const way: Point = [to[0] - from[0], to[1] - from[1]];
  let [start, end] = [0, 1];
  for (const [axis, least, most] of [
    [0, MARGIN, width - MARGIN],
    [1, MARGIN, height - MARGIN],
  ] as const) {
    const step = way[axis];
    const [a, b] = [(least - from[axis]) / step, (most - from[axis]) / step];
    if (Math.abs(step) < 1e-9) {
      if (from[axis] < least || from[axis] > most) return null;
      continue;
    }
    start = Math.max(start, Math.min(a, b));
    end = Math.min(end, Math.max(a, b));
  }
  const at = (s: number): Point => [from[0] + s * way[0], from[1] + s * way[1]];
  return end > start ? [at(start), at(end)] : null;
}

function drawn(lines: readonly GuideLine[], view: StackPane): Drawn[] {
  const { width, height } = view.size;
  return lines.flatMap((line) => {
    const [a, b] = line.ends.map((end) => view.toCanvas(end));
    const ends = a && b ? clipped(a, b, width, height) : null;
    return ends ? [{ ...line, from: ends[0], to: ends[1] }] : [];
  });
}

/** A line with an opening where it passes the crossing. */
function Line({ line, centre }: { line: Drawn; centre: Point | null }) {
  const words = useWords();
  const { from, to, orientation } = line;
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const way: Point = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
  const at = centre ? (centre[0] - from[0]) * way[0] + (centre[1] - from[1]) * way[1] : Number.NaN;
  const parts: [number, number][] =
    at > -OPEN && at < length + OPEN
      ? [
          [0, at - OPEN],
          [at + OPEN, length],
        ]
      : [[0, length]];
  const point = (s: number): Point => [from[0] + s * way[0], from[1] + s * way[1]];
  return (
    <g className={orientation ? `guide ${orientation}` : 'guide reference'}>
      {parts
        .filter(([a, b]) => b > a)
        .map(([a, b]) => (
          <line
            key={a < at ? 'before' : 'after'}
            x1={point(a)[0]}
            y1={point(a)[1]}
            x2={point(b)[0]}
            y2={point(b)[1]}
          />
        ))}
      {orientation && (
        <text x={to[0] - way[0] * INWARD - way[1] * ASIDE} y={to[1] - way[1] * INWARD + way[0] * ASIDE}>
          {words.planes.letter[orientation]}
        </text>
      )}
    </g>
  );
}

/** One change a picture: the pointer moves more often than a plane can be cut. */
function onceAPicture(): (act: () => void) => void {
  let latest: (() => void) | null = null;
  return (act) => {
    if (!latest)
      requestAnimationFrame(() => {
        const run = latest;
        latest = null;
        run?.();
      });
    latest = act;
  };
}

type PointerLike = Pick<MouseEvent, 'clientX' | 'clientY'>;

/** On the window: the pointer leaves the handle, and the handle may be drawn anew while it is held. */
function followToTheEnd(move: (event: PointerLike) => void, done: () => void): void {
  const end = (): void => {
    window.removeEventListener('pointermove', move);
    for (const name of ['pointerup', 'pointercancel']) window.removeEventListener(name, end);
    done();
  };
  window.addEventListener('pointermove', move);
  for (const name of ['pointerup', 'pointercancel']) window.addEventListener(name, end);
}

interface Grip {
  kind: 'move' | 'turn';
  turn: Turn;
  centre: Vector;
  angle: number;
}

function useGrip(viewer: ViewerCase, index: number) {
  const grip = useRef<Grip | null>(null);
  const soon = useRef(onceAPicture());
  const pointUnder = (event: PointerLike): { pixel: Point; point: Vector | null } | null => {
    const view = viewer.view(index);
    const frame = viewer.frame(viewer.store.get().panes[index]?.shown?.imageId);
    const pixel = view?.toPixel(view.fromPage(event.clientX, event.clientY));
    return frame && pixel ? { pixel, point: pointOf(frame, pixel) } : null;
  };
  const angleOf = (pixel: Point, centre: Vector): number => {
    const frame = viewer.frame(viewer.store.get().panes[index]?.shown?.imageId);
    const middle = frame && pixelOf(frame, centre)?.pixel;
    const [tall, wide] = frame?.pixelSpacing ?? [1, 1];
    return middle ? Math.atan2((pixel[1] - middle[1]) * tall, (pixel[0] - middle[0]) * wide) : 0;
  };
  const move = (event: PointerLike) => {
    const held = grip.current;
    const under = held && pointUnder(event);
    if (!held || !under?.point) return;
    const { pixel, point } = under;
    soon.current(() => {
      if (held.kind === 'move') viewer.planes.moveTo(index, point);
      else viewer.planes.turnFrom(index, held, angleOf(pixel, held.centre) - held.angle);
    });
  };
  const begin = (kind: Grip['kind']) => (event: PointerEvent<SVGElement>) => {
    const set = setInPane(viewer.store.get(), index);
    const [under, centre] = [pointUnder(event), viewer.planes.centre(index)];
    if (event.button !== 0 || !isCutSet(set) || !under || !centre) return;
    event.preventDefault();
    const { turn } = viewer.planes.cuttingOf(set.cut.sourceId);
    grip.current = { kind, turn, centre, angle: angleOf(under.pixel, centre) };
    followToTheEnd(move, () => {
      grip.current = null;
    });
  };
  return (kind: Grip['kind']) => ({
    onPointerDown: begin(kind),
    /* The engine must not take the same press for the beginning of a mark. */
    onMouseDown: (event: { stopPropagation: () => void }) => event.stopPropagation(),
  });
}

/** With Shift held, or with the 3-D cursor switched on, the place under the pointer is shown everywhere. */
function useCursor(viewer: ViewerCase, index: number, layer: SVGSVGElement | null): void {
  useEffect(() => {
    const pane = layer?.closest('.pane');
    if (!pane) return;
    const soon = onceAPicture();
    const clear = (): void => {
      if (viewer.store.get().cursor?.pane === index) viewer.store.set({ cursor: null });
    };
    const follow = (event: Event): void => {
      const { shiftKey, clientX, clientY, buttons } = event as MouseEvent;
      if (buttons !== 0 || !(shiftKey || viewer.store.get().guides.cursor)) {
        clear();
        return;
      }
      soon(() => {
        const view = viewer.view(index);
        const pixel = view?.toPixel(view.fromPage(clientX, clientY));
        if (pixel) pointAt(viewer, index, pixel);
      });
    };
    const release = (event: KeyboardEvent): void => {
      if (event.key === 'Shift' && !viewer.store.get().guides.cursor) clear();
    };
    pane.addEventListener('pointermove', follow);
    pane.addEventListener('pointerleave', clear);
    window.addEventListener('keyup', release);
    return () => {
      pane.removeEventListener('pointermove', follow);
      pane.removeEventListener('pointerleave', clear);
      window.removeEventListener('keyup', release);
    };
  }, [viewer, index, layer]);
}

/** Lines over one picture. They let every press through to the tools below, except at their handles. */
export function Guides({ viewer, index }: { viewer: ViewerCase; index: number }) {
  const words = useWords().planes;
  const layer = useRef<SVGSVGElement>(null);
  useStore(viewer.store, (state) => state);
  useCursor(viewer, index, layer.current);
  const grip = useGrip(viewer, index);
  const view = viewer.view(index);
  const lines = view ? drawn(linesOn(viewer, index), view) : [];
  const frame = viewer.frame(viewer.store.get().panes[index]?.shown?.imageId);
  const crossing = lines.some((line) => line.orientation) ? viewer.planes.centre(index) : null;
  const at = crossing && frame ? pixelOf(frame, crossing)?.pixel : null;
  const centre = (at && view?.toCanvas(at)) ?? null;
  const cursor = cursorOn(viewer, index);
  const spot = cursor && view?.toCanvas(cursor);
  return (
    <svg className="guides" ref={layer} aria-hidden="true">
      {lines.map((line) => (
        <Line key={line.pane} line={line} centre={line.orientation ? centre : null} />
      ))}
      {centre &&
        lines.flatMap(({ pane, orientation, from, to }) =>
          orientation
            ? [from, to].map((end, side) => (
                <circle
                  key={`${pane}-${side ? 'end' : 'start'}`}
                  className={`grip turn ${orientation}`}
                  data-turns={orientation}
                  cx={end[0]}
                  cy={end[1]}
                  r="6"
                  {...grip('turn')}
                >
                  <title>{words.turn(words.orientation[orientation])}</title>
                </circle>
              ))
            : [],
        )}
      {centre && (
        <circle className="grip centre" cx={centre[0]} cy={centre[1]} r={OPEN - 3} {...grip('move')}>
          <title>{words.centre}</title>
        </circle>
      )}
      {spot && (
        <g className="cursor-3d" transform={`translate(${spot[0]} ${spot[1]})`}>
          <path d="M-12 0H-4M4 0H12M0 -12V-4M0 4V12" />
        </g>
      )}
    </svg>
  );
}
