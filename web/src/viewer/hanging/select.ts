/** Which stack hangs in which pane of a stage. Pure: facts in, places and reasons out. */
import type { HangingPane, HangingStage, SeriesSelector } from '@/api/contract';
import { bestMatch, firstToShow } from '../model/hanging';
import type { DisplaySet } from '../model/stacks';
import type { SetFacts } from './facts';
import { hits } from './words';

export interface Hangable {
  set: DisplaySet;
  facts: SetFacts;
  role: 'current' | 'prior';
  seriesNumber: number | null;
}

/**
 * Why a stack hangs where it hangs: what was asked and found, the prior most like its neighbour (which may be on another screen), or
 * the next one left.
 */
export type Reason =
  | { kind: 'selector'; selector: SeriesSelector; at: number }
  | { kind: 'like'; of: number; screen?: number }
  | { kind: 'next' };

export interface Placed {
  pane: HangingPane;
  set: DisplaySet;
  reason: Reason;
}

const STACK_FRAMES = 5;
const LAST = 1e9;

const CRITERIA: readonly (keyof SeriesSelector & keyof SetFacts)[] = [
  'modality',
  'plane',
  'kernel',
  'phase',
  'weighting',
  'view',
  'laterality',
];

/** Everything that is said must hold; what a header does not say holds nothing. */
export function matches(selector: SeriesSelector, { set, facts }: Hangable): boolean {
  if (set.isLocalizer) return false;
  const { words, without, thinnest_mm: thinnest, thickest_mm: thickest } = selector;
  if (CRITERIA.some((key) => (selector[key] ?? null) !== null && selector[key] !== facts[key])) return false;
  if (words.length > 0 && hits(facts.text, words) === 0) return false;
  if (without.length > 0 && hits(facts.text, without) > 0) return false;
  const mm = facts.thicknessMm;
  if ((thinnest ?? null) !== null && (mm === null || mm < (thinnest ?? 0))) return false;
  return (thickest ?? null) === null || (mm !== null && mm <= (thickest ?? 0));
}

const inOrder = (a: Hangable, b: Hangable): number =>
  (a.seriesNumber ?? LAST) - (b.seriesNumber ?? LAST) || a.set.part.index - b.set.part.index;

/** Of those that match the most words first, real stacks before single pictures, then series order. */
function best(selector: SeriesSelector, candidates: readonly Hangable[]): Hangable | null {
  const rank = (one: Hangable): number =>
    hits(one.facts.text, selector.words) * 10 + (one.set.frames.length >= STACK_FRAMES ? 1 : 0);
  return (
    candidates
      .filter((one) => matches(selector, one))
      .sort((a, b) => rank(b) - rank(a) || inOrder(a, b))[0] ?? null
  );
}

function bySelectors(panes: readonly HangingPane[], all: readonly Hangable[]): (Placed | null)[] {
  const used = new Set<string>();
  return panes.map((pane) => {
    for (const [at, selector] of pane.selectors.entries()) {
      const free = all.filter((one) => one.role === pane.role && !used.has(one.set.id));
      const found = best(selector, free);
      if (!found) continue;
      used.add(found.set.id);
      return { pane, set: found.set, reason: { kind: 'selector', selector, at } };
    }
    return null;
  });
}

/** The current stack a pane for a prior belongs to: its counterpart, the nearest one before it, or else after it. */
function neighbour(placed: readonly (Placed | null)[], index: number, counterpart: number): number {
  const isCurrent = (at: number): boolean => placed[at]?.pane.role === 'current';
  if (isCurrent(counterpart)) return counterpart;
  for (let at = index - 1; at >= 0; at -= 1) if (isCurrent(at)) return at;
  return placed.findIndex((_, at) => isCurrent(at));
}

function fallback(
  placed: readonly (Placed | null)[],
  pane: HangingPane,
  index: number,
  free: readonly Hangable[],
  counterpart: number,
): Placed | null {
  const sets = [...free].sort(inOrder).map((one) => one.set);
  const of = pane.role === 'prior' ? neighbour(placed, index, counterpart) : -1;
  const beside = placed[of]?.set;
  if (beside) {
    const set = bestMatch(beside, sets);
    return set && { pane, set, reason: { kind: 'like', of } };
  }
  const set = firstToShow(sets.filter((one) => !one.isLocalizer)) ?? (index === 0 ? firstToShow(sets) : null);
  return set && { pane, set, reason: { kind: 'next' } };
}

/**
 * Panes whose selectors find something first, then the others take the next best; no stack hangs twice. The counterpart of a pane on
 * another screen is the pane of the first screen that stands in the same place.
 */
export function assign(
  stage: Pick<HangingStage, 'panes'>,
  all: readonly Hangable[],
  counterpart: (pane: number) => number = () => -1,
): (Placed | null)[] {
  const placed = bySelectors(stage.panes, all);
  stage.panes.forEach((pane, index) => {
    /* What was asked for by a selector and is not there stays open, unless nothing at all would hang. */
    if (placed[index] || (pane.selectors.length > 0 && placed.some(Boolean) && pane.role === 'current'))
      return;
    const used = new Set(placed.map((one) => one?.set.id));
    const free = all.filter((one) => one.role === pane.role && !used.has(one.set.id));
    placed[index] = fallback(placed, pane, index, free, counterpart(index));
  });
  return placed;
}

/** Whether anything hangs because it was asked for; a protocol that finds nothing of what it asks is none for this study. */
export const isMet = (stage: Pick<HangingStage, 'panes'>, placed: readonly (Placed | null)[]): boolean =>
  stage.panes.every(({ selectors }) => selectors.length === 0) ||
  placed.some((one) => one?.reason.kind === 'selector');

/** Panes that nothing was found for are not shown: the smallest layout that holds the rest, in their order. */
export function shrunk(
  layout: HangingStage['layout'],
  placed: readonly (Placed | null)[],
): { layout: HangingStage['layout'] | '1x1'; placed: (Placed | null)[] } {
  const found = placed.filter((one) => one !== null);
  if (found.length === placed.length || found.length === 0) return { layout, placed: [...placed] };
  if (found.length === 1) return { layout: '1x1', placed: found };
  if (found.length === 2) return { layout: layout === '2x1' ? '2x1' : '1x2', placed: found };
  /* Four places keep their rows and columns: what is right stays right, what is below stays below. */
  return found.length <= 4 && placed.length > 4
    ? { layout: '2x2', placed: found }
    : { layout, placed: [...placed] };
}
