/** Which lines stand on a picture: where the planes of other panes cut it, and the place pointed at elsewhere. */
import type { ViewerCase } from './case';
import type { Point } from './model/calibration';
import { isCutSet, type Orientation } from './model/cuts';
import {
  isInPicture,
  isWithinReach,
  lineIn,
  nearestSlice,
  pixelOf,
  pointOf,
  sharesSpace,
} from './model/lines';
import type { Vector } from './model/vectors';
import { PANES, setInPane } from './state';

export interface GuideLine {
  pane: number;
  /** The plane it stands for; null for a line of reference of an ordinary stack. */
  orientation: Orientation | null;
  ends: [Point, Point];
}

/** Planes of one stack: their crosshair says how they lie to each other. */
export function isCrossed(viewer: ViewerCase, one: number, other: number): boolean {
  const state = viewer.store.get();
  const [a, b] = [setInPane(state, one), setInPane(state, other)];
  return isCutSet(a) && isCutSet(b) && a.cut.sourceId === b.cut.sourceId;
}

/** In pixels of what this pane really shows now; nothing where two stacks are not known to share a space. */
export function linesOn(viewer: ViewerCase, index: number): GuideLine[] {
  const state = viewer.store.get();
  const own = setInPane(state, index);
  const view = viewer.frame(state.panes[index]?.shown?.imageId);
  if (!own || !view) return [];
  return Array.from({ length: PANES[state.layout] }, (_, pane) => pane).flatMap((pane): GuideLine[] => {
    const other = setInPane(state, pane);
    if (pane === index || !other) return [];
    const isCrossing = isCutSet(other) && isCrossed(viewer, index, pane);
    /* A crosshair stands where its planes are wanted, so that it does not break off while one is being cut. */
    const { requested, shown } = state.panes[pane] ?? {};
    const frame = isCrossing ? other.frames[requested ?? 0] : viewer.frame(shown?.imageId);
    if (!frame) return [];
    const isWanted = isCrossing ? state.guides.crosshair : state.guides.reference && pane === state.active;
    const ends = isWanted && sharesSpace(own, other) ? lineIn(view, frame) : null;
    return ends ? [{ pane, orientation: isCrossing ? other.cut.orientation : null, ends }] : [];
  });
}

/** Where the 3-D cursor stands in this pane: only on a slice that is near enough to show the place. */
export function cursorOn(viewer: ViewerCase, index: number): Point | null {
  const state = viewer.store.get();
  const own = setInPane(state, index);
  const from = state.cursor && setInPane(state, state.cursor.pane);
  const { shown } = state.panes[index] ?? {};
  const frame = viewer.frame(shown?.imageId);
  if (!own || !state.cursor || !from || !frame || !shown || !sharesSpace(own, from)) return null;
  const found = pixelOf(frame, state.cursor.point);
  if (!found || !isInPicture(frame, found.pixel)) return null;
  return isWithinReach(own, { index: shown.index, awayMm: found.awayMm }) ? found.pixel : null;
}

/** The place under the pointer is shown in every pane that shares its space; each goes to its nearest slice. */
export function pointAt(viewer: ViewerCase, index: number, pixel: Point): void {
  const state = viewer.store.get();
  const own = setInPane(state, index);
  const frame = viewer.frame(state.panes[index]?.shown?.imageId);
  const point = frame && isInPicture(frame, pixel) ? pointOf(frame, pixel) : null;
  viewer.store.set({ cursor: point && { pane: index, point } });
  if (own && point) followCursor(viewer, index, point);
}

function followCursor(viewer: ViewerCase, index: number, point: Vector): void {
  const state = viewer.store.get();
  const own = setInPane(state, index);
  for (let pane = 0; pane < PANES[state.layout]; pane += 1) {
    const set = setInPane(state, pane);
    if (pane === index || !own || !set || !sharesSpace(own, set)) continue;
    const near = nearestSlice(set, point);
    if (near && isWithinReach(set, near) && near.index !== state.panes[pane]?.requested)
      viewer.goTo(pane, near.index, null);
  }
}
