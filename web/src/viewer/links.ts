import type { Store } from '@/ui/store';
import { type Link, linkedIndex } from './model/linking';
import { Registrations } from './model/registration';
import { type DisplaySet, middleOf } from './model/stacks';
import { PANES, setInPane, type ViewerState } from './state';

/** A pane that goes along with another one, and how far outside its stack the wanted place lies. */
export interface Follower {
  pane: number;
  at: number;
  outsideMm: number | null;
}

/** Which panes scroll together, and how the studies in them lie to each other. */
export class PaneLinks {
  private readonly registrations = new Registrations();
  private readonly store: Store<ViewerState>;

  constructor(store: Store<ViewerState>) {
    this.store = store;
  }

  /** Switching the link on declares the slices now shown to be the same place. */
  toggle(): void {
    const { isLinked, layout } = this.store.get();
    this.store.set({ isLinked: !isLinked });
    if (isLinked) return;
    for (let source = 0; source < PANES[layout]; source += 1) this.alignFrom(source);
  }

  /** Declares the slice here and those in the other panes to be the same place, and links them. */
  align(source: number): boolean {
    const isAny = this.alignFrom(source);
    if (isAny) this.store.set({ isLinked: true });
    return isAny;
  }

  private alignFrom(source: number): boolean {
    const { panes } = this.store.get();
    const here = panes[source]?.requested ?? 0;
    return this.others(source)
      .map(({ own, other, pane }) => this.registrations.align(own, here, other, panes[pane]?.requested ?? 0))
      .some(Boolean);
  }

  /** Back to the middles of the stacks. */
  unalign(source: number): void {
    for (const { own, other } of this.others(source)) this.registrations.forget(own, other);
    this.store.set({});
  }

  private others(source: number): { pane: number; own: DisplaySet; other: DisplaySet }[] {
    const state = this.store.get();
    const own = setInPane(state, source);
    return Array.from({ length: PANES[state.layout] }, (_, pane) => pane).flatMap((pane) => {
      const other = setInPane(state, pane);
      return pane !== source && own && other ? [{ pane, own, other }] : [];
    });
  }

  /** The link between two panes: as the reader aligned their studies, otherwise the middles of both stacks. */
  between(source: number, target: number): Link | null {
    const state = this.store.get();
    const [a, b] = [setInPane(state, source), setInPane(state, target)];
    return a && b ? this.registrations.link(a, b) : null;
  }

  /** The panes that follow when this one goes to another slice. */
  followers(source: number, set: DisplaySet, to: number): Follower[] {
    if (!this.store.get().isLinked) return [];
    return this.others(source).flatMap(({ pane, other: target }) => {
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
      const link = this.registrations.link(beside, set);
      const isKnown = link.kind === 'same_space' || link.isByHand === true;
      const isUseful = isKnown || (pane !== index && state.isLinked);
      const requested = state.panes[pane]?.requested ?? 0;
      const place = isUseful ? linkedIndex(link, beside, requested, set) : null;
      if (place) return place.index;
    }
    return middleOf(set);
  }
}
