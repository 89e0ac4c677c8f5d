/** Hangs a case by the protocol that fits it best, and steps through protocols and their stages. */
import { queries } from '@/api/cache';
import type { HangingPane, HangingProtocol, HangingStage, StudyImages } from '@/api/contract';
import { tellProblem } from '@/ui/feedback';
import { settings } from '@/ui/settings';
import type { ViewerCase } from './case';
import type { StackPane } from './engine/stage';
import { fusionIn } from './fusion/fusion';
import { type Candidate, fitsOf, type Occasion } from './hanging/choose';
import { DEFAULTS } from './hanging/defaults';
import { sharedQuery } from './hanging/known';
import { type HangingNow, protocolAt } from './hanging/now';
import { type Hung, protocolOf } from './hanging/saving';
import { assign, type Hangable, isMet, type Placed, shrunk } from './hanging/select';
import { shiftToEdge } from './hanging/wall';
import type { Point } from './model/calibration';
import { isCutSet } from './model/cuts';
import type { Frame } from './model/metadata';
import type { DisplaySet } from './model/stacks';
import { presetNamed, presetOf, type WindowPreset } from './model/windows';
import { choosePreset } from './pictures';
import { isMpr } from './planes';
import {
  emptyPane,
  findSeries,
  findSet,
  findStudy,
  type Layout,
  PANES,
  type StudyView,
  setInPane,
  sourceOf,
} from './state';

const PATIENCE_MS = 4000;

/** Protocols of one's own, of everybody here and of the program. Without the hub the program's own still hang. */
async function candidates(): Promise<Candidate[]> {
  const shared = await queries.fetchQuery(sharedQuery).catch((error: unknown) => {
    tellProblem(error);
    return [];
  });
  await settings.known;
  const mine = settings.store.get().document.hanging.protocols;
  return [
    ...mine.map((protocol, at): Candidate => ({ id: `mine.${at}`, owner: 'mine', protocol })),
    ...shared.map(({ id, protocol }): Candidate => ({ id: `shared.${id}`, owner: 'shared', protocol })),
    ...DEFAULTS,
  ];
}

/** Pictures do not wait long for anybody's wishes about where they hang. */
const builtInLate = (): Promise<readonly Candidate[]> =>
  new Promise((resolve) => setTimeout(() => resolve(DEFAULTS), PATIENCE_MS));

const modalitiesOf = (study: StudyImages): string[] => [
  ...new Set([...study.study.modalities, ...study.series.map((one) => one.modality)]),
];

const sharesModality = (a: StudyImages, b: StudyImages): boolean =>
  modalitiesOf(a).some((one) => modalitiesOf(b).includes(one));

/** The prior to hang beside the current study: the first of like modality. The hub gives the relevant ones first. */
export function priorOf(studies: readonly StudyView[]): StudyView | null {
  const current = studies.find((one) => one.role === 'current');
  const like = studies.find(
    (one) => one.role === 'prior' && current && sharesModality(one.source, current.source),
  );
  return like ?? null;
}

export function occasionOf(studies: readonly StudyView[], screens = 1): Occasion | null {
  const current = studies.find((one) => one.role === 'current')?.source;
  if (!current) return null;
  const { study, series } = current;
  return {
    modalities: modalitiesOf(current),
    bodyParts: [...new Set([study.body_part, ...series.map((one) => one.body_part)])].filter(Boolean),
    studyText: study.description,
    seriesTexts: series.map((one) => one.description).filter(Boolean),
    hasPrior: priorOf(studies) !== null,
    screens,
  };
}

export class Hanger {
  private readonly viewer: ViewerCase;
  /** The reader has put something somewhere before the descriptions were complete: what hangs stays. */
  private isTouched = false;
  private readonly windows = new Map<number, { setId: string; preset: NonNullable<HangingPane['preset']> }>();

  constructor(viewer: ViewerCase) {
    this.viewer = viewer;
  }

  private get now(): HangingNow | null {
    return this.viewer.store.get().hanging;
  }

  touch(): void {
    this.isTouched = true;
  }

  /** Chooses the protocol before any image is described; what it hangs follows as descriptions come. */
  async begin(keep: <Value>(value: Promise<Value>) => Promise<Value>): Promise<void> {
    const all = await keep(Promise.race([candidates(), builtInLate()]));
    const { screens, place } = this.viewer.seat;
    const about = occasionOf(this.viewer.store.get().studies, screens);
    if (!about) return;
    const fits = fitsOf(all, settings.store.get().document.hanging.hidden, about);
    const at = fits.length > 0 ? 0 : -1;
    /* A further window begins with the stage of its number, where the protocol has one. */
    const stage = Math.min(place, Math.max(0, (fits[at]?.protocol.stages.length ?? 1) - 1));
    this.viewer.store.set({ hanging: { fits, at, stage, isHung: false, reasons: [], wanted: [] } });
    this.viewer.store.set({ layout: this.stage?.layout ?? this.usualLayout() });
  }

  private get stage(): HangingStage | null {
    return protocolAt(this.now)?.protocol.stages[this.now?.stage ?? 0] ?? null;
  }

  /** Where no protocol says anything: as the reader left it, or the current study beside a prior. */
  private usualLayout(): Layout {
    const { studies } = this.viewer.store.get();
    const own = settings.store.get().document.viewer.layouts[mainModality(studies)];
    return own ?? (studies.some((study) => study.role === 'prior') ? '1x2' : '1x1');
  }

  /** True when a protocol hangs or is about to; false when the program may fill what is empty with what comes first. */
  hang(): boolean {
    const { now, stage } = this;
    if (!now || !stage) return false;
    if (now.isHung) return true;
    if (this.isTouched) return false;
    const { studies } = this.viewer.store.get();
    const isKnown = (study: StudyView | null | undefined): boolean =>
      study?.series.every(({ status }) => status !== 'waiting') ?? true;
    if (!isKnown(studies.find((one) => one.role === 'current'))) return true;
    const placed = assign(stage, this.hangables());
    const isWithPrior = stage.panes.some(({ role }) => role === 'prior');
    if (isWithPrior && !isKnown(priorOf(studies))) {
      this.putCurrent(stage, placed);
      return true;
    }
    if (!isMet(stage, placed) && !this.anyStageMet()) {
      this.choose(now.at + 1 < now.fits.length ? now.at + 1 : -1);
      return protocolAt(this.now) !== null;
    }
    this.put(stage, placed);
    return true;
  }

  private anyStageMet(): boolean {
    const all = this.hangables();
    return protocolAt(this.now)?.protocol.stages.some((one) => isMet(one, assign(one, all))) ?? false;
  }

  /** What is known already, while the prior's series are still being described. */
  private putCurrent(stage: HangingStage, placed: readonly (Placed | null)[]): void {
    placed.forEach((one, pane) => {
      if (one?.pane.role === 'current' && stage.panes[pane]?.role === 'current') this.putOne(pane, one);
    });
  }

  private put(stage: HangingStage, placed: readonly (Placed | null)[]): void {
    const { now } = this;
    if (!now) return;
    const shown = shrunk(stage.layout, placed);
    if (this.viewer.store.get().layout !== shown.layout) this.viewer.changeLayout(shown.layout);
    shown.placed.forEach((one, pane) => {
      if (one) this.putOne(pane, one);
      else this.viewer.changePane(pane, emptyPane());
    });
    const isWhole = shown.placed.length === stage.panes.length;
    this.viewer.store.set({
      hanging: {
        ...now,
        isHung: true,
        reasons: shown.placed.map((one) => one && { setId: one.set.id, reason: one.reason }),
        wanted: shown.placed.map((one, pane) => (one || !isWhole ? null : (stage.panes[pane] ?? null))),
      },
    });
  }

  private putOne(pane: number, { set, pane: asked }: Placed): void {
    if (asked.preset) this.windows.set(pane, { setId: set.id, preset: asked.preset });
    else this.windows.delete(pane);
    const state = this.viewer.store.get();
    const isThere = state.panes[pane]?.setId === set.id;
    if (!isThere) {
      const start = asked.start ?? null;
      this.viewer.put(pane, set, start === null ? undefined : Math.round(start * (set.frames.length - 1)));
    }
    this.viewer.fusion.turn(pane, asked.fusion === true);
    const view = this.viewer.view(pane);
    if (isThere && view && state.panes[pane]?.shown)
      this.viewer.together.quietly(() => this.settle(pane, view, set));
  }

  /** After a stack was put on screen, also anew in another layout: it takes the window it hangs with. */
  settle(index: number, view: StackPane, set: DisplaySet): void {
    this.leanOnWall(view, set);
    const found = this.presetIn(index, set);
    if (found) choosePreset(this.viewer, index, found);
  }

  private presetIn(index: number, set: DisplaySet): WindowPreset | null {
    const wish = this.windows.get(index);
    return wish?.setId === set.id ? presetNamed(wish.preset, set.frames[0]) : null;
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

  /** Another protocol that fits, or none of them. */
  choose(at: number, stage = 0): void {
    const { now } = this;
    if (!now || this.viewer.store.get().studies.length === 0) return;
    this.isTouched = false;
    this.windows.clear();
    this.viewer.store.set({ hanging: { ...now, at, stage, isHung: false, reasons: [], wanted: [] } });
    const layout = this.stage?.layout ?? this.usualLayout();
    if (this.viewer.store.get().layout !== layout) this.viewer.changeLayout(layout);
    if (at < 0) this.viewer.clearPanes();
    this.viewer.hang();
    this.viewer.activate(0);
  }

  stepProtocol(): void {
    const { now } = this;
    if (now) this.choose(now.at + 1 < now.fits.length ? now.at + 1 : now.at < 0 ? 0 : -1);
  }

  /** The next stage in which something hangs that was asked for. */
  stepStage(way: 1 | -1): void {
    const { now } = this;
    const stages = protocolAt(now)?.protocol.stages ?? [];
    const all = this.hangables();
    for (let step = 1; now && step <= stages.length; step += 1) {
      const at = (now.stage + way * step + stages.length * step) % stages.length;
      const stage = stages[at];
      if (!stage || !isMet(stage, assign(stage, all))) continue;
      this.choose(now.at, at);
      return;
    }
  }

  /** What is on screen, as a protocol to be named; null while planes hang, which are made and not sent. */
  present(name: string): HangingProtocol | null {
    const state = this.viewer.store.get();
    const about = occasionOf(state.studies);
    const { layout } = state;
    const isCut = state.panes.slice(0, PANES[layout]).some(({ setId }) => isCutSet(findSet(state, setId)));
    if (!about || isMpr(layout) || isCut) return null;
    const hung = Array.from({ length: PANES[layout] }, (_, pane): Hung => {
      const set = sourceOf(state, setInPane(state, pane));
      const role = findStudy(state, set?.studyUid)?.role ?? 'current';
      const series = findSeries(state, set?.seriesUid);
      const look = state.panes[pane]?.look ?? null;
      return {
        role,
        facts: (set && series?.facts[set.id]) ?? null,
        description: series?.description ?? '',
        preset: presetOf(look, set?.frames[0]),
        isFused: fusionIn(state, pane) !== null,
      };
    });
    return protocolOf(name, layout as HangingStage['layout'], hung, about);
  }
}

/** The modality a layout is remembered under. */
export const mainModality = (studies: readonly StudyView[]): string =>
  studies.find((one) => one.role === 'current')?.series[0]?.modality ?? '';
