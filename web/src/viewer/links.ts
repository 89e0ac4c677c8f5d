import type { Store } from '@/ui/store';
import { type Link, linkedIndex, linkStacks } from './model/linking';
import { type DisplaySet, middleOf } from './model/stacks';
import { PANES, setInPane, type ViewerState } from './state';

/** A pane that goes along with another one, and how far outside its stack the wanted place lies. */
export interface Follower {
  pane: number;
  at: number;
  outsideMm: number | null;
}

/** Which panes scroll together, and how far apart their stacks lie. */
export class PaneLinks {
  private readonly links = new Map<string, Link>();
  private readonly store: Store<ViewerState>;

  constructor(store: Store<ViewerState>) {
    this.store = store;
  }

  /** What hangs where has changed: alignments made for other stacks are void. */
  forget(): void {
    this.links.clear();
  }

  /** Switching the link on declares the slices now shown to be the same place. */
  toggle(): void {
    this.forget();
    const { isLinked, panes, layout } = this.store.get();
    this.store.set({ isLinked: !isLinked });
    if (isLinked) return;
    for (let source = 0; source < PANES[layout]; source += 1) {
      for (let target = 0; target < PANES[layout]; target += 1) {
        const [from, to] = [panes[source]?.requested ?? 0, panes[target]?.requested ?? 0];
        if (source !== target) this.make(source, target, from, to);
      }
    }
  }

  /** The link between two panes: as the reader aligned it, otherwise the middles of both stacks taken as the same place. */
  between(source: number, target: number): Link | null {
    return this.links.get(`${source}>${target}`) ?? this.make(source, target);
  }

  private make(source: number, target: number, from?: number, to?: number): Link | null {
    const state = this.store.get();
    const [a, b] = [setInPane(state, source), setInPane(state, target)];
    if (!a || !b) return null;
    const link = linkStacks(a, from ?? middleOf(a), b, to ?? middleOf(b));
    this.links.set(`${source}>${target}`, link);
    return link;
  }

  /** The panes that follow when this one goes to another slice. */
  followers(source: number, set: DisplaySet, to: number): Follower[] {
    const state = this.store.get();
    if (!state.isLinked) return [];
    return Array.from({ length: PANES[state.layout] }, (_, pane) => pane).flatMap((pane) => {
      const target = setInPane(state, pane);
      if (pane === source || !target) return [];
      const link = this.between(source, pane);
      const place = link ? linkedIndex(link, set, to, target) : null;
      if (!place) return [];
      const reachMm = Math.max(target.spacingMm ?? 0, target.frames[0]?.thicknessMm ?? 0, 1);
      return [{ pane, at: place.index, outsideMm: place.distanceMm > reachMm ? place.distanceMm : null }];
    });
  }

  /** Where to open a stack: at the place already looked at when that is known, otherwise in the middle. */
  placeFor(index: number, set: DisplaySet): number {
    const state = this.store.get();
    for (const pane of [index, state.active]) {
      const beside = setInPane(state, pane);
      if (!beside || beside.id === set.id) continue;
      const link = linkStacks(beside, middleOf(beside), set, middleOf(set));
      const isUseful = link.kind === 'same_space' || (pane !== index && state.isLinked);
      const requested = state.panes[pane]?.requested ?? 0;
      const place = isUseful ? linkedIndex(link, beside, requested, set) : null;
      if (place) return place.index;
    }
    return middleOf(set);
  }
}
