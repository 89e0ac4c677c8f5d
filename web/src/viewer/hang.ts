/** What hangs where before the reader has said anything, and in which order the rest is fetched. */
import { bestMatch, firstToShow } from './model/hanging';
import type { Frame } from './model/metadata';
import { outward } from './model/order';
import { type DisplaySet, middleOf } from './model/stacks';
import { findSet, PANES, type SeriesView, setInPane, sourceOf, type ViewerState } from './state';

/** From this many frames on, a series is a stack and not a scout or a picture. */
const STACK_FRAMES = 5;
const LAST = 1e9;

function setsOf(state: ViewerState, role: 'current' | 'prior'): DisplaySet[][] {
  const bySeries = (a: SeriesView, b: SeriesView): number => (a.number ?? LAST) - (b.number ?? LAST);
  return state.studies
    .filter((study) => study.role === role)
    .map((study) => [...study.series].sort(bySeries).flatMap((series) => series.sets));
}

/** The first stack worth showing, unless a series that may come before it is still unknown. */
function firstOf(state: ViewerState, current: readonly DisplaySet[]): DisplaySet | null {
  const first = firstToShow(current);
  const series = state.studies.find((study) => study.role === 'current')?.series ?? [];
  const number = series.find((one) => one.uid === first?.seriesUid)?.number ?? LAST;
  const isShort = !first || first.isLocalizer || first.frames.length < STACK_FRAMES;
  const mayCome = series.some(
    (one) =>
      one.status === 'waiting' &&
      (isShort || ((one.number ?? LAST) < number && one.declared.frames >= STACK_FRAMES)),
  );
  return mayCome ? null : first;
}

/** Fills empty panes only: what the reader has put somewhere stays there. Waits until what comes first in order is known. */
export function wishes(state: ViewerState): { pane: number; set: DisplaySet }[] {
  const current = setsOf(state, 'current').flat();
  const first = sourceOf(state, setInPane(state, 0)) ?? firstOf(state, current);
  if (!first) return [];
  const isWithPrior = state.studies.some((study) => study.role === 'prior');
  const prior = setsOf(state, 'prior').find((sets) => sets.length > 0);
  const beside = prior ? bestMatch(first, prior) : null;
  const others = current.filter((set) => set.id !== first.id && !set.isLocalizer);
  const second = isWithPrior ? beside : others[0];
  const rest = PANES[state.layout] > 2 ? others.filter((set) => set !== second) : [];
  const hung = new Set(state.panes.slice(0, PANES[state.layout]).map(({ setId }) => setId));
  const wanted = [first, second, ...rest].slice(0, PANES[state.layout]);
  const spare = others.filter((set) => !wanted.includes(set) && !hung.has(set.id));
  return wanted.flatMap((set, pane) => {
    if (!set || state.panes[pane]?.setId) return [];
    /* What hangs in another pane already is not hung a second time. */
    const free = hung.has(set.id) ? spare.shift() : set;
    return free ? [{ pane, set: free }] : [];
  });
}

/** What is fetched quietly, in this order: stacks on screen outward from what is shown, then the rest of the current study. */
export function fetchOrder(state: ViewerState): { hung: Frame[]; rest: Frame[] } {
  const hung = state.panes.slice(0, PANES[state.layout]).flatMap((pane) => {
    const shown = findSet(state, pane.setId);
    const set = sourceOf(state, shown);
    const middle = set === shown ? pane.requested : set ? middleOf(set) : 0;
    return set ? outward(middle, set.frames.length).flatMap((i) => set.frames[i] ?? []) : [];
  });
  const seen = new Set<string>();
  const isNew = ({ imageId }: Frame): boolean => !seen.has(imageId) && seen.add(imageId) !== null;
  const rest = setsOf(state, 'current').flatMap((sets) => sets.flatMap((set) => set.frames));
  return { hung: hung.filter(isNew), rest: rest.filter(isNew) };
}
