import type { Store } from '@/ui/store';
import { type Link, linkedIndex } from './model/linking';
import { type Registration, Registrations } from './model/registration';
import { type DisplaySet, middleOf } from './model/stacks';
import { findSet, PANES, setInPane, type ViewerState } from './state';

/** A pane that goes along with another one, and how far outside its stack the wanted place lies. */
export interface Follower {
  pane: number;
  at: number;
  outsideMm: number | null;
}

/** What hangs in a pane of another window of the case, and which slice of it is wanted there. */
export interface FarPane {
  set: string;
  at: number;
}

/** Which panes scroll together, and how the studies in them lie to each other. */
export class PaneLinks {
  private readonly registrations = new Registrations();
  private readonly store: Store<ViewerState>;
  /** By window. */
  private readonly far = new Map<string, readonly FarPane[]>();
  /** The pane of another window that was scrolled last. */
  private lead: FarPane | null = null;
  /** Told when the reader links, unlinks or aligns here. */
  onChange: () => void = () => undefined;

  constructor(store: Store<ViewerState>) {
    this.store = store;
  }

  /** Switching the link on declares the slices now shown to be the same place. */
  toggle(): void {
    const { isLinked, layout } = this.store.get();
    this.store.set({ isLinked: !isLinked });
    if (!isLinked) for (let source = 0; source < PANES[layout]; source += 1) this.alignFrom(source);
    this.onChange();
  }

  /** Declares the slice here and those in the other panes to be the same place, and links them. */
  align(source: number): boolean {
    const isAny = this.alignFrom(source);
    if (isAny) this.store.set({ isLinked: true });
    if (isAny) this.onChange();
    return isAny;
  }

  private alignFrom(source: number): boolean {
    const { panes } = this.store.get();
    const here = panes[source]?.requested ?? 0;
    return [
      ...this.others(source).map(({ pane, ...both }) => ({ ...both, at: panes[pane]?.requested ?? 0 })),
      ...this.elsewhere(source),
    ]
      .map(({ own, other, at }) => this.registrations.align(own, here, other, at))
      .some(Boolean);
  }

  /** Back to the middles of the stacks. */
  unalign(source: number): void {
    for (const { own, other } of [...this.others(source), ...this.elsewhere(source)])
      this.registrations.forget(own, other);
    this.store.set({});
    this.onChange();
  }

  /** What other windows show beside the stack of a pane. */
  private elsewhere(source: number): { own: DisplaySet; other: DisplaySet; at: number }[] {
    const state = this.store.get();
    const own = setInPane(state, source);
    return [...this.far.values()].flat().flatMap(({ set, at }) => {
      const other = findSet(state, set);
      return own && other ? [{ own, other, at }] : [];
    });
  }

  /** What hangs in this window, for the others. Planes cut here are known here only. */
  places(): FarPane[] {
    const { panes, layout } = this.store.get();
    return panes
      .slice(0, PANES[layout])
      .flatMap(({ setId, requested }) => (setId ? [{ set: setId, at: requested }] : []));
  }

  /** Another window tells what hangs in it. */
  hearPlaces(from: string, panes: readonly FarPane[]): void {
    this.far.set(from, panes);
  }

  /** What windows that are gone have shown leads nothing any more. */
  keepWindows(there: ReadonlySet<string>): void {
    for (const from of [...this.far.keys()]) if (!there.has(from)) this.far.delete(from);
  }

  /** A pane of another window was scrolled: which panes here go along. */
  hearScroll(moved: FarPane): Follower[] {
    this.lead = moved;
    const state = this.store.get();
    const set = findSet(state, moved.set);
    if (!set || !state.isLinked || !set.frames[moved.at]) return [];
    const targets = Array.from({ length: PANES[state.layout] }, (_, pane) => {
      const other = setInPane(state, pane);
      return other ? [{ pane, other }] : [];
    });
    return this.following(set, moved.at, targets.flat());
  }

  /** Whether panes are linked, and the alignments made by hand. */
  told(): { isLinked: boolean; registrations: [string, Registration][] } {
    return { isLinked: this.store.get().isLinked, registrations: this.registrations.told() };
  }

  hear(said: { isLinked: boolean; registrations: readonly (readonly [string, Registration])[] }): void {
    this.registrations.hear(said.registrations);
    this.store.set({ isLinked: said.isLinked });
  }

  /** The link of a pane to the one of another window that leads it, or would. */
  toLead(target: number): Link | null {
    const state = this.store.get();
    const set = setInPane(state, target);
    const still = this.lead && [...this.far.values()].flat().some((one) => one.set === this.lead?.set);
    const lead = still && this.lead ? findSet(state, this.lead.set) : null;
    return set && lead && lead.id !== set.id ? this.registrations.link(lead, set) : null;
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
    return this.store.get().isLinked ? this.following(set, to, this.others(source)) : [];
  }

  private following(
    set: DisplaySet,
    to: number,
    targets: readonly { pane: number; other: DisplaySet }[],
  ): Follower[] {
    return targets.flatMap(({ pane, other: target }) => {
      const link = this.registrations.link(set, target);
      const place = linkedIndex(link, set, to, target);
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
    for (const { set: id, at } of state.isLinked ? [...this.far.values()].flat() : []) {
      const beside = findSet(state, id);
      const place = beside ? linkedIndex(this.registrations.link(beside, set), beside, at, set) : null;
      if (place) return place.index;
    }
    return middleOf(set);
  }
}
