/** Hangs a case by the protocol that fits it best, and steps through protocols and their scenes, on all its screens together. */
import type { HangingPane, HangingReformat } from '@/api/contract';
import { tell } from '@/ui/feedback';
import { settings } from '@/ui/settings';
import { words } from '@/words';
import type { ViewerCase } from './case';
import type { StackPane } from './engine/stage';
import { candidates, mainModality, occasionOf, priorOf } from './hanging/candidates';
import { type Candidate, type Fit, fitsOf } from './hanging/choose';
import { whyNotLaid } from './hanging/laying';
import { type HangingNow, isForOtherScreens, partNow, protocolAt, scenesNow } from './hanging/now';
import { type Filled, fill, type Part, type Seat, sceneWith } from './hanging/scenes';
import { type Hangable, type Placed, shrunk } from './hanging/select';
import { shiftToEdge } from './hanging/wall';
import type { Point } from './model/calibration';
import { isCutSet } from './model/cuts';
import type { Frame } from './model/metadata';
import type { DisplaySet } from './model/stacks';
import { presetNamed, type WindowPreset } from './model/windows';
import { choosePreset } from './pictures';
import { emptyPane, findSeries, type Layout, type StudyView, setInPane, sourceOf } from './state';

/** What hangs on all screens, as the main window tells the others. */
export interface Order {
  fit: Candidate | null;
  scene: number;
}

export type Wish =
  | { kind: 'choose'; id: string | null; scene: number }
  | { kind: 'scene'; way: 1 | -1 }
  | { kind: 'protocol' }
  | { kind: 'again' };

/** The other windows of the case. The main one hangs for all of them; a further one asks it to. */
export interface Company {
  isMain: boolean;
  /** `isAct` when the reader asked for it; otherwise what the reader has put somewhere stays. */
  tell(order: Order, isAct: boolean): void;
  ask(wish: Wish): void;
}

export class Hanger {
  private readonly viewer: ViewerCase;
  company: Company | null = null;
  private all: readonly Candidate[] = [];
  /** The reader has put something somewhere before the descriptions were complete: what hangs stays. */
  private isTouched = false;
  private readonly windows = new Map<number, { setId: string; preset: NonNullable<HangingPane['preset']> }>();
  /** Stacks of which it was told already that no plane can be cut. */
  private readonly refused = new Set<string>();

  constructor(viewer: ViewerCase) {
    this.viewer = viewer;
  }

  private get now(): HangingNow | null {
    return this.viewer.store.get().hanging;
  }

  private get part(): Part | null {
    return partNow(this.now);
  }

  touch(): void {
    this.isTouched = true;
  }

  /** Chooses the protocol before any image is described; what it hangs follows as descriptions come. */
  async begin(keep: <Value>(value: Promise<Value>) => Promise<Value>): Promise<void> {
    const { seat: given } = this.viewer;
    const [all, seat] = await keep(
      Promise.all([candidates(), typeof given === 'function' ? given() : Promise.resolve(given)]),
    );
    this.all = all;
    const { now } = this;
    if (now) {
      /* Another window was quicker. */
      this.viewer.store.set({ hanging: { ...now, ...this.fitsWith(now.screens, protocolAt(now)) } });
      return;
    }
    const { fits } = this.fitsWith(seat.screens, null);
    if (this.viewer.store.get().studies.length === 0) return;
    this.set(fits, fits.length > 0 ? 0 : -1, 0, seat);
    this.viewer.store.set({ layout: this.part?.layout ?? this.usualLayout() });
  }

  /** What fits these screens, and where in it what hangs is; that is among them even if it would not be chosen for them. */
  private fitsWith(screens: number, hung: Candidate | null): { fits: readonly Fit[]; at: number } {
    const about = occasionOf(this.viewer.store.get().studies, screens);
    const found = about ? fitsOf(this.all, settings.store.get().document.hanging.hidden, about) : [];
    if (!hung) return { fits: found, at: -1 };
    const at = found.findIndex(({ id }) => id === hung.id);
    const own: Fit = { score: 0, ...hung };
    if (at < 0) return { fits: [...found, own], at: found.length };
    return { fits: found.map((one, i) => (i === at ? own : one)), at };
  }

  private set(fits: readonly Fit[], at: number, scene: number, seat: Seat, isChosen = false): void {
    const { screens } = seat;
    const next = { fits, at, scene, seat, screens, isChosen, isHung: false, reasons: [], wanted: [] };
    /* Where nothing is asked of this screen, nothing is waited for. */
    this.viewer.store.set({ hanging: { ...next, isHung: at >= 0 && !partNow(next) } });
  }

  /** Where no protocol says anything: as the reader left it, or the current study beside a prior. */
  private usualLayout(): Layout {
    const { studies } = this.viewer.store.get();
    const own = settings.store.get().document.viewer.layouts[mainModality(studies)];
    return own ?? (studies.some((study) => study.role === 'prior') ? '1x2' : '1x1');
  }

  /** True when a protocol hangs or is about to; false when the program may fill what is empty with what comes first. */
  hang(): boolean {
    const { now, part } = this;
    if (!now || !part) return false;
    if (now.isHung) return true;
    if (this.isTouched) return false;
    const { studies } = this.viewer.store.get();
    const isKnown = (study: StudyView | null | undefined): boolean =>
      study?.series.every(({ status }) => status !== 'waiting') ?? true;
    if (!isKnown(studies.find((one) => one.role === 'current'))) return true;
    const filled = this.filled(part);
    const isWithPrior = part.panes.some(({ role }) => role === 'prior');
    if (isWithPrior && !isKnown(priorOf(studies))) {
      this.putCurrent(filled.placed);
      return true;
    }
    if (!filled.isMet && !this.isAnyMet()) {
      /* A further window waits for the main one's word. */
      if (this.company && !this.company.isMain) return false;
      this.hangAll(now.at + 1 < now.fits.length ? now.at + 1 : -1, 0, false, false);
      return protocolAt(this.now) !== null;
    }
    this.put(part, filled.placed);
    return true;
  }

  private filled(part: Part): Filled {
    return fill(protocolAt(this.now)?.protocol.stages ?? [], part, this.hangables());
  }

  private isAnyMet(): boolean {
    return scenesNow(this.now).some((scene) => scene.some((part) => part && this.filled(part).isMet));
  }

  /** What is known already, while the prior's series are still being described. */
  private putCurrent(placed: readonly (Placed | null)[]): void {
    placed.forEach((one, pane) => {
      if (one?.pane.role === 'current') this.putOne(pane, one);
    });
  }

  private put(part: Part, placed: readonly (Placed | null)[]): void {
    const { now } = this;
    if (!now) return;
    const shown = shrunk(part.layout, placed);
    if (this.viewer.store.get().layout !== shown.layout) this.viewer.changeLayout(shown.layout);
    shown.placed.forEach((one, pane) => {
      if (one) this.putOne(pane, one);
      else this.viewer.changePane(pane, emptyPane());
    });
    const isWhole = shown.placed.length === part.panes.length;
    const { panes } = this.viewer.store.get();
    this.viewer.store.set({
      hanging: {
        ...now,
        isHung: true,
        reasons: shown.placed.map(
          (one, pane) => one && { setId: panes[pane]?.setId ?? one.set.id, reason: one.reason },
        ),
        wanted: shown.placed.map((one, pane) => (one || !isWhole ? null : (part.panes[pane] ?? null))),
      },
    });
  }

  private putOne(pane: number, { set, pane: asked }: Placed): void {
    if (asked.preset) this.windows.set(pane, { setId: set.id, preset: asked.preset });
    else this.windows.delete(pane);
    const { reformat } = asked;
    const isThere = reformat ? this.isCut(pane, set, reformat) : this.shownId(pane) === set.id;
    if (!isThere && !(reformat && this.cut(pane, set, reformat)) && this.shownId(pane) !== set.id) {
      const start = asked.start ?? null;
      this.viewer.put(pane, set, start === null ? undefined : Math.round(start * (set.frames.length - 1)));
    }
    this.viewer.fusion.turn(pane, asked.fusion === true);
    const view = this.viewer.view(pane);
    if (isThere && view && this.viewer.store.get().panes[pane]?.shown)
      this.viewer.together.quietly(() => this.settle(pane, view, set));
  }

  private shownId(pane: number): string | null {
    return this.viewer.store.get().panes[pane]?.setId ?? null;
  }

  private isCut(pane: number, source: DisplaySet, { plane, mode, slab_mm: mm }: HangingReformat): boolean {
    const shown = setInPane(this.viewer.store.get(), pane);
    if (!isCutSet(shown) || shown.cut.sourceId !== source.id) return false;
    const { orientation, slab } = shown.cut;
    return orientation === plane && slab.mode === mode && (mode === 'single' || slab.mm === mm);
  }

  /** False, after telling why once, where no plane can be cut: the stack itself hangs then. */
  private cut(pane: number, source: DisplaySet, { plane, mode, slab_mm: mm }: HangingReformat): boolean {
    const { planes } = this.viewer;
    const why = whyNotLaid(source, planes.cuttingOf(source.id).isAgreed, words());
    if (!why) return planes.lay(pane, source, plane, { mode, mm });
    if (!this.refused.has(source.id)) tell(words().hanging.notLaid(why));
    this.refused.add(source.id);
    return false;
  }

  /** After a stack was put on screen, also anew in another layout: it takes the window it hangs with. */
  settle(index: number, view: StackPane, set: DisplaySet): void {
    this.leanOnWall(view, set);
    const found = this.presetIn(index, set);
    if (found) choosePreset(this.viewer, index, found);
  }

  private presetIn(index: number, set: DisplaySet): WindowPreset | null {
    const wish = this.windows.get(index);
    const source = sourceOf(this.viewer.store.get(), set);
    return wish && wish.setId === source?.id ? presetNamed(wish.preset, set.frames[0]) : null;
  }

  /** The window the protocol asks for in this pane; null where it says nothing of one. */
  windowOf(index: number, frame: Frame): WindowPreset | null {
    const set = setInPane(this.viewer.store.get(), index);
    const found = set?.frames.includes(frame) ? this.presetIn(index, set) : null;
    return found && Number.isFinite(found.width) && found.lut === undefined ? found : null;
  }

  /** A breast stands with its chest wall at the edge where the other one's begins. */
  private leanOnWall(view: StackPane, set: DisplaySet): void {
    const facts = findSeries(this.viewer.store.get(), set.seriesUid)?.facts[set.id];
    const [frame, place] = [set.frames[0], view.place()];
    const shift = facts?.wall && place ? shiftToEdge(place, view.size.width, facts.wall) : 0;
    const centre: Point | null = frame ? [(frame.columns - 1) / 2, (frame.rows - 1) / 2] : null;
    const lie = centre && shift !== 0 ? view.lieOf(centre) : null;
    if (centre && lie) view.lay(centre, { ...lie, at: [lie.at[0] + shift, lie.at[1]] });
  }

  private hangables(): Hangable[] {
    const { studies } = this.viewer.store.get();
    const prior = priorOf(studies);
    return studies
      .filter((study) => study.role === 'current' || study === prior)
      .flatMap(({ role, series }) =>
        series.flatMap((one) =>
          one.sets.flatMap((set): Hangable[] => {
            const facts = one.facts[set.id];
            return facts ? [{ set, facts, role, seriesNumber: one.number }] : [];
          }),
        ),
      );
  }

  /** Hangs one scene of one protocol in this window. What hangs on a screen nothing is asked of stays. */
  private apply(fits: readonly Fit[], at: number, scene: number, seat: Seat, isChosen: boolean): void {
    const { now } = this;
    this.isTouched = false;
    this.set(fits, at, scene, seat, isChosen);
    const { part } = this;
    const { panes, layout: before } = this.viewer.store.get();
    if (at >= 0 && !part && now && panes.some(({ setId }) => setId)) {
      const { reasons, wanted } = now;
      this.viewer.store.set({ hanging: { ...(this.now ?? now), isHung: true, reasons, wanted } });
      return;
    }
    this.windows.clear();
    const layout = part?.layout ?? this.usualLayout();
    if (before !== layout) this.viewer.changeLayout(layout);
    if (at < 0) this.viewer.clearPanes();
    this.viewer.hang();
    this.viewer.activate(0);
  }

  /** On every screen there is now. */
  private hangAll(at: number, scene: number, isChosen: boolean, isAct = true): void {
    const { now } = this;
    if (!now || this.viewer.store.get().studies.length === 0) return;
    const fit = now.fits[at] ?? null;
    this.company?.tell({ fit, scene }, isAct);
    this.apply(now.fits, fit ? at : -1, scene, { ...now.seat, screens: now.screens }, isChosen);
  }

  /** Another protocol that fits, or none of them; the reader's choice. */
  choose(at: number, scene = 0): void {
    const id = this.now?.fits[at]?.id ?? null;
    if (!this.asks({ kind: 'choose', id, scene })) this.hangAll(at, scene, true);
  }

  private asks(wish: Wish): boolean {
    if (!this.company || this.company.isMain) return false;
    this.company.ask(wish);
    return true;
  }

  stepProtocol(): void {
    const { now } = this;
    if (!now || this.asks({ kind: 'protocol' })) return;
    this.hangAll(now.at + 1 < now.fits.length ? now.at + 1 : now.at < 0 ? 0 : -1, 0, true);
  }

  /** The next scene in which something hangs that was asked for. Where the screens have changed, first of all for those. */
  stepScene(way: 1 | -1): void {
    const { now } = this;
    if (!now || this.asks({ kind: 'scene', way })) return;
    if (isForOtherScreens(now)) {
      this.again();
      return;
    }
    const scenes = scenesNow(now);
    for (let step = 1; step <= scenes.length; step += 1) {
      const at = (now.scene + way * step + scenes.length * step) % scenes.length;
      if (!scenes[at]?.some((part) => part && this.filled(part).isMet)) continue;
      this.hangAll(now.at, at, now.isChosen);
      return;
    }
  }

  /** Hangs anew, for the screens there are now. */
  again(): void {
    if (this.asks({ kind: 'again' })) return;
    const { now } = this;
    const next = this.next();
    if (now && next) this.hangAll(next.at, next.scene, now.isChosen);
  }

  /** What hanging anew would hang: what fits these screens best, unless the reader has chosen. The same protocol stays where it is. */
  private next(): { at: number; scene: number } | null {
    const { now } = this;
    if (!now) return null;
    const at = now.isChosen ? now.at : now.fits.length > 0 ? 0 : -1;
    const fit = now.fits[at];
    if (!fit || at !== now.at) return { at, scene: 0 };
    const stage = scenesNow(now)[now.scene]?.find(Boolean)?.stage ?? 0;
    const seat = { ...now.seat, screens: now.screens };
    return { at, scene: sceneWith(scenesNow({ ...now, seat }), stage) };
  }

  /** A window of images has opened or closed. What hangs stays; where nothing hangs yet, it will hang for the screens there are. */
  seat(screens: number): void {
    const { now } = this;
    if (!now || now.screens === screens) return;
    const hung = protocolAt(now);
    this.viewer.store.set({ hanging: { ...now, ...this.fitsWith(screens, hung), screens } });
    const next = !now.isHung && !this.isTouched && hung ? this.next() : null;
    if (next) this.hangAll(next.at, next.scene, now.isChosen, false);
  }

  /** What a window that has just opened is told. */
  get order(): Order | null {
    const { now } = this;
    const next = now && isForOtherScreens(now) ? this.next() : now;
    return now && next && { fit: now.fits[next.at] ?? null, scene: next.scene };
  }

  /** The main window's word. Only what it says on the reader's act replaces what the reader has put here himself. */
  obey({ fit, scene }: Order, seat: Seat, isAct: boolean): void {
    const { now } = this;
    if (!isAct && this.isTouched) return;
    const isSame =
      now !== null &&
      (protocolAt(now)?.id ?? null) === (fit?.id ?? null) &&
      now.scene === scene &&
      now.seat.screens === seat.screens &&
      now.seat.place === seat.place;
    if (isSame && !isAct) return;
    const { fits, at } = this.fitsWith(seat.screens, fit);
    this.apply(fits, at, scene, seat, false);
  }

  /** A further window asks for all. */
  grant(wish: Wish): void {
    if (wish.kind === 'scene') this.stepScene(wish.way);
    else if (wish.kind === 'protocol') this.stepProtocol();
    else if (wish.kind === 'again') this.again();
    else {
      const at = this.now?.fits.findIndex(({ id }) => id === wish.id) ?? -1;
      this.choose(at, wish.scene);
    }
  }
}
