import type { PlaneRecipe } from '@/api/contract';
import { type CutSet, isCutSet } from './model/cuts';
import { placeIn } from './model/recipes';
import type { Plane } from './model/reformat';
import { type DisplaySet, stackSha256 } from './model/stacks';
import { allSeries, findSet, type ViewerState } from './state';

/** A cut picture as numbers, from which the hub cuts the same; null for what is no cut picture of a known stack. */
export function planeShown(state: ViewerState, imageId: string): PlaneRecipe | null {
  for (const set of state.cuts) {
    const at = set.frames.findIndex((frame) => frame.imageId === imageId);
    const plane = set.cut.planes[at];
    const source = findSet(state, set.cut.sourceId);
    if (plane && source) return recipeFrom(state, set, plane, source);
  }
  return null;
}

function recipeFrom(state: ViewerState, { cut }: CutSet, plane: Plane, source: DisplaySet): PlaneRecipe {
  const { orientation, isTurned, slab } = cut;
  return {
    series_instance_uid: source.seriesUid,
    stack_sha256: stackSha256(source),
    orientation,
    is_turned: isTurned,
    is_agreed: state.cutting[cut.sourceId]?.isAgreed === true,
    origin: [...plane.origin],
    row: [...plane.row],
    column: [...plane.column],
    between_columns: plane.betweenColumns,
    between_rows: plane.betweenRows,
    columns: plane.columns,
    rows: plane.rows,
    slab: { mode: slab.mode, mm: slab.mode === 'single' ? 0 : slab.mm },
  };
}

/** The stack a plane was cut from, if it is here and still the same. */
export function sourceOfPlane(state: ViewerState, plane: PlaneRecipe): DisplaySet | null {
  const series = allSeries(state).find(({ uid }) => uid === plane.series_instance_uid);
  return series?.sets.find((set) => stackSha256(set) === plane.stack_sha256) ?? null;
}

/** Whether a plane's stack is here, may still come, or is no longer what it was. */
export function fateOfPlane(state: ViewerState, plane: PlaneRecipe): 'here' | 'waiting' | 'changed' {
  if (sourceOfPlane(state, plane)) return 'here';
  const series = allSeries(state).find(({ uid }) => uid === plane.series_instance_uid);
  return series?.status === 'ready' ? 'changed' : 'waiting';
}

/** Which picture among those that are cut now is this plane. */
export function imageOfPlane(state: ViewerState, plane: PlaneRecipe): string | null {
  for (const set of state.cuts) {
    const source = findSet(state, set.cut.sourceId);
    if (!source || source.seriesUid !== plane.series_instance_uid) continue;
    const at = placeIn(set.cut, plane);
    if (at === null || stackSha256(source) !== plane.stack_sha256) continue;
    return set.frames[at]?.imageId ?? null;
  }
  return null;
}

/** The pane in which a plane is to be shown again: where planes of this stack and direction hang, else the active one. */
export function paneForPlane(
  state: ViewerState,
  source: DisplaySet,
  plane: PlaneRecipe,
  panes: number,
): number {
  const hangs = (like: (set: CutSet) => boolean): number =>
    state.panes.findIndex((pane, i) => {
      const set = findSet(state, pane.setId);
      return i < panes && isCutSet(set) && set.cut.sourceId === source.id && like(set);
    });
  const found = hangs(({ cut }) => cut.orientation === plane.orientation);
  return found < 0 ? state.active : found;
}
