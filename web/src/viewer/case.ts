import { reach } from '@/api/client';
import type { ImagesOut } from '@/api/contract';
import { problemFrom } from '@/api/problem';
import type { Store } from '@/ui/store';
import { declareFrames, FrameError, forgetFrames, loadFrame } from './engine/frames';
import { chooseTool, type MouseTool, type StackPane } from './engine/stage';
import { attachMarks } from './marking';
import type { CaseToken } from './model/gate';
import { bestMatch, firstToShow } from './model/hanging';
import { type Link, linkedIndex, linkStacks } from './model/linking';
import { type DicomJson, type Frame, framesOf } from './model/metadata';
import { type DisplaySet, displaySetsOf } from './model/stacks';
import { FrameQueue, outward } from './queue';
import { inParallel, seriesViews } from './series';
import {
  emptyPane,
  findSet,
  type Layout,
  newViewerStore,
  PANES,
  type PaneState,
  type SeriesView,
  type StudyView,
  type ViewerState,
} from './state';

/** From this many frames on, a series is a stack and not a scout or a picture. */
const STACK_FRAMES = 5;

const middleOf = (set: DisplaySet): number => Math.floor((set.frames.length - 1) / 2);
/** The images of one case: their descriptions, their frames, and what each pane shows of them. */
export class ViewerCase {
  readonly store: Store<ViewerState> = newViewerStore();
  private readonly token: CaseToken;
  private readonly frames = new Map<string, Frame>();
  private readonly seriesOfFrame = new Map<string, string>();
  private readonly views = new Map<number, StackPane>();
  private readonly links = new Map<string, Link>();
  /** Which stack each picture area has been given; a stack whose first frame failed has not been given yet. */
  private readonly given = new WeakMap<StackPane, string>();
  private readonly queue: FrameQueue<Frame>;
  private readonly endMarks = attachMarks(this);
  private tally: ReturnType<typeof setTimeout> | null = null;
  private readonly tallied = new Map<string, { full: Set<string>; failed: Set<string> }>();

  constructor(token: CaseToken) {
    this.token = token;
    this.queue = new FrameQueue<Frame>({
      load: loadFrame,
      faultOf: (error) => (error instanceof FrameError ? error.fault : 'undecodable'),
      onChange: (frame, fate) => this.count(frame, fate.state === 'ready'),
    });
  }

  /** Descriptions come series by series, the current study first; the first stack is hung as soon as it is known. */
  async open(images: ImagesOut): Promise<void> {
    const studies = images.studies.map((source) => ({
      role: source.role,
      source,
      series: seriesViews(source),
    }));
    this.store.set({ studies, layout: studies.some((study) => study.role === 'prior') ? '1x2' : '1x1' });
    for (const study of studies) {
      const order = [...study.series].sort((a, b) => (a.number ?? 1e9) - (b.number ?? 1e9));
      await inParallel(order, 3, (series) => this.describe(study, series.uid));
      this.hang();
    }
    this.replan();
  }

  close(): void {
    this.queue.close();
    this.endMarks();
    if (this.tally) clearTimeout(this.tally);
    this.store.set({ studies: [], panes: [emptyPane(), emptyPane(), emptyPane(), emptyPane()] });
    forgetFrames();
  }

  attach(index: number, view: StackPane): void {
    this.views.set(index, view);
    void this.fill(index);
  }

  detach(index: number): void {
    this.views.delete(index);
    this.changePane(index, { shown: null, look: null, isEngineLost: false });
  }

  view(index: number): StackPane | null {
    return this.views.get(index) ?? null;
  }

  frame(imageId: string | undefined): Frame | null {
    return (imageId ? this.frames.get(imageId) : null) ?? null;
  }

  fateOf(imageId: string) {
    return this.queue.fateOf(imageId);
  }

  wantFrame(frame: Frame) {
    return this.token.keep(this.queue.want(frame));
  }

  /** Thumbnails are wanted, but never before what somebody is looking at. */
  wantThumbnail(frame: Frame) {
    return this.token.keep(this.queue.want(frame, 'soon'));
  }

  activate(index: number): void {
    if (this.store.get().active !== index) this.store.set({ active: index });
  }

  chooseTool(tool: MouseTool): void {
    chooseTool(tool);
    this.store.set({ tool });
  }

  /** A width that is no number asks for the whole range of the image. */
  setWindow(index: number, center: number, width: number): void {
    const view = this.views.get(index);
    if (Number.isFinite(width)) view?.setWindow(center, width);
    else view?.setFullRange();
  }

  /** The engine reports what it drew; an image of another stack or another slice is not taken for the wanted one. */
  noteShown(index: number, imageId: string): void {
    const state = this.store.get();
    const set = findSet(state, state.panes[index]?.setId ?? null);
    const at = set?.frames.findIndex((frame) => frame.imageId === imageId) ?? -1;
    if (at >= 0) this.changePane(index, { shown: { imageId, index: at }, fault: null });
  }

  changePane(index: number, change: Partial<PaneState>): void {
    this.store.set(({ panes }) => ({
      panes: panes.map((pane, i) => (i === index ? { ...pane, ...change } : pane)),
    }));
  }

  setLayout(layout: Layout): void {
    this.store.set(({ active }) => ({ layout, active: active < PANES[layout] ? active : 0 }));
    this.links.clear();
    this.hang();
  }

  showSet(index: number, set: DisplaySet): void {
    const at = this.placeFor(index, set);
    this.changePane(index, { ...emptyPane(), setId: set.id, requested: at });
    this.links.clear();
    void this.fill(index);
    this.replan();
  }

  /** The reader wants another slice here; panes linked to it follow to the same place in the patient. */
  scrollTo(index: number, wanted: number): void {
    const state = this.store.get();
    const set = findSet(state, state.panes[index]?.setId ?? null);
    const pane = state.panes[index];
    if (!set || !pane) return;
    const at = Math.min(set.frames.length - 1, Math.max(0, wanted));
    const followers = state.isLinked ? this.followers(index, set, at) : [];
    this.goTo(index, at, null);
    for (const follower of followers) this.goTo(follower.pane, follower.at, follower.outsideMm);
    this.replan();
  }

  scrollBy(index: number, step: number): void {
    this.scrollTo(index, (this.store.get().panes[index]?.requested ?? 0) + step);
  }

  /** Switching the link on declares the slices now shown to be the same place. */
  toggleLink(): void {
    this.links.clear();
    const { isLinked, panes, layout } = this.store.get();
    this.store.set({ isLinked: !isLinked });
    if (isLinked) return;
    for (let source = 0; source < PANES[layout]; source += 1) {
      for (let target = 0; target < PANES[layout]; target += 1) {
        const [from, to] = [panes[source]?.requested ?? 0, panes[target]?.requested ?? 0];
        if (source !== target) this.makeLink(source, target, from, to);
      }
    }
  }

  /** The link between two panes: as the reader aligned it, otherwise the middles of both stacks taken as the same place. */
  linkBetween(source: number, target: number): Link | null {
    return this.links.get(`${source}>${target}`) ?? this.makeLink(source, target);
  }

  private makeLink(source: number, target: number, from?: number, to?: number): Link | null {
    const [a, b] = [this.setIn(source), this.setIn(target)];
    if (!a || !b) return null;
    const link = linkStacks(a, from ?? middleOf(a), b, to ?? middleOf(b));
    this.links.set(`${source}>${target}`, link);
    return link;
  }

  private setIn(pane: number): DisplaySet | null {
    const state = this.store.get();
    return findSet(state, state.panes[pane]?.setId ?? null);
  }

  /** Where to open a stack: at the place already looked at when that is known, otherwise in the middle. */
  private placeFor(index: number, set: DisplaySet): number {
    const { panes, active, isLinked } = this.store.get();
    for (const pane of [index, active]) {
      const beside = this.setIn(pane);
      if (!beside || beside.id === set.id) continue;
      const link = linkStacks(beside, middleOf(beside), set, middleOf(set));
      const isUseful = link.kind === 'same_space' || (pane !== index && isLinked);
      const place = isUseful ? linkedIndex(link, beside, panes[pane]?.requested ?? 0, set) : null;
      if (place) return place.index;
    }
    return middleOf(set);
  }

  retry(index: number): void {
    this.goTo(index, this.store.get().panes[index]?.requested ?? 0, null);
  }

  private followers(source: number, set: DisplaySet, to: number) {
    const state = this.store.get();
    return Array.from({ length: PANES[state.layout] }, (_, pane) => pane).flatMap((pane) => {
      const target = findSet(state, state.panes[pane]?.setId ?? null);
      if (pane === source || !target) return [];
      const link = this.linkBetween(source, pane);
      const place = link ? linkedIndex(link, set, to, target) : null;
      if (!place) return [];
      const reachMm = Math.max(target.spacingMm ?? 0, target.frames[0]?.thicknessMm ?? 0, 1);
      return [{ pane, at: place.index, outsideMm: place.distanceMm > reachMm ? place.distanceMm : null }];
    });
  }

  private goTo(index: number, at: number, outsideMm: number | null): void {
    const state = this.store.get();
    const set = findSet(state, state.panes[index]?.setId ?? null);
    const frame = set?.frames[at];
    if (!set || !frame) return;
    this.changePane(index, { requested: at, outsideMm, fault: null });
    if (this.queue.fateOf(frame.imageId)?.state === 'ready') {
      this.display(index, set, at);
      return;
    }
    void this.wantFrame(frame).then((fate) => {
      const pane = this.store.get().panes[index];
      if (pane?.setId !== set.id || pane.requested !== at) return;
      if (fate.state === 'ready') this.display(index, set, at);
      else this.changePane(index, { fault: fate.fault, shown: null });
    });
  }

  private display(index: number, set: DisplaySet, at: number): void {
    const view = this.views.get(index);
    if (view && this.given.get(view) === set.id) view.show(at);
    else void this.fill(index);
  }

  /** Puts the pane's stack on screen, once there is a stack, a picture area and a first frame that decodes. */
  private async fill(index: number): Promise<void> {
    const state = this.store.get();
    const pane = state.panes[index];
    const set = findSet(state, pane?.setId ?? null);
    const view = this.views.get(index);
    const frame = set?.frames[pane?.requested ?? 0];
    if (!pane || !set || !view || !frame) return;
    const fate = await this.wantFrame(frame);
    const now = this.store.get().panes[index];
    if (now?.setId !== set.id || this.views.get(index) !== view) return;
    if (fate.state === 'failed' && now.requested === pane.requested) {
      this.changePane(index, { fault: fate.fault, shown: null });
      return;
    }
    const ids = set.frames.map((one) => one.imageId);
    this.given.set(view, set.id);
    await view
      .setStack(ids, pane.requested)
      .catch(() => this.changePane(index, { fault: 'undecodable', shown: null }));
    const latest = this.store.get().panes[index];
    if (latest?.setId === set.id && latest.requested !== pane.requested)
      this.goTo(index, latest.requested, null);
  }

  private async describe(study: StudyView, uid: string): Promise<void> {
    const { dicomweb_root: root, study: about } = study.source;
    const address = `${root}/studies/${about.study_instance_uid}/series/${uid}`;
    try {
      const answer = await this.token.keep(
        reach(`${address}/metadata`, {
          headers: { Accept: 'application/dicom+json' },
          signal: this.token.signal,
          cache: 'no-store',
        }),
      );
      if (!answer.ok) throw await problemFrom(answer);
      const instances = (await this.token.keep(answer.json())) as DicomJson[];
      this.adopt(about.study_instance_uid, uid, instances, new URL(address, location.href).href);
    } catch {
      this.changeSeries(uid, { status: 'failed' });
    }
    if (study.role === 'current') this.hang();
  }

  private adopt(studyUid: string, uid: string, instances: readonly DicomJson[], address: string): void {
    const perInstance = instances.map((json) => ({ json, frames: framesOf(json, address) }));
    for (const { json, frames } of perInstance) declareFrames(json, frames);
    const frames = perInstance.flatMap((one) => one.frames);
    for (const frame of frames) {
      this.frames.set(frame.imageId, frame);
      this.seriesOfFrame.set(frame.imageId, uid);
    }
    this.changeSeries(uid, {
      status: 'ready',
      sets: displaySetsOf(frames, uid, studyUid),
      withoutPicture: perInstance.filter((one) => one.frames.length === 0).length,
    });
  }

  private changeSeries(uid: string, change: Partial<SeriesView>): void {
    this.store.set(({ studies }) => ({
      studies: studies.map((study) => ({
        ...study,
        series: study.series.map((one) => (one.uid === uid ? { ...one, ...change } : one)),
      })),
    }));
  }

  private setsOf(role: 'current' | 'prior'): DisplaySet[][] {
    const { studies } = this.store.get();
    const bySeries = (a: SeriesView, b: SeriesView): number => (a.number ?? 1e9) - (b.number ?? 1e9);
    return studies
      .filter((study) => study.role === role)
      .map((study) => [...study.series].sort(bySeries).flatMap((series) => series.sets));
  }

  /** Fills empty panes only: what the reader has put somewhere stays there. Waits until what comes first in order is known. */
  private hang(): void {
    const state = this.store.get();
    const { layout, panes } = state;
    const current = this.setsOf('current').flat();
    const first = findSet(state, panes[0]?.setId ?? null) ?? this.firstOf(current);
    if (!first) return;
    const isWithPrior = state.studies.some((study) => study.role === 'prior');
    const prior = this.setsOf('prior').find((sets) => sets.length > 0);
    const beside = prior ? bestMatch(first, prior) : null;
    const others = current.filter((set) => set.id !== first.id && !set.isLocalizer);
    const second = isWithPrior ? beside : others[0];
    const wish =
      layout === '2x2' ? [first, second, ...others.filter((set) => set !== second)] : [first, second];
    for (let index = 0; index < PANES[layout]; index += 1) {
      const set = wish[index];
      if (set && !this.store.get().panes[index]?.setId) this.showSet(index, set);
    }
  }

  /** The first stack worth showing, unless a series that may come before it is still unknown. */
  private firstOf(current: readonly DisplaySet[]): DisplaySet | null {
    const first = firstToShow(current);
    const series = this.store.get().studies.find((study) => study.role === 'current')?.series ?? [];
    const number = series.find((one) => one.uid === first?.seriesUid)?.number ?? 1e9;
    const isShort = !first || first.isLocalizer || first.frames.length < STACK_FRAMES;
    const mayCome = series.some(
      (one) =>
        one.status === 'waiting' &&
        (isShort || ((one.number ?? 1e9) < number && one.declared.frames >= STACK_FRAMES)),
    );
    return mayCome ? null : first;
  }

  /** Order of quiet fetching: stacks on screen outward from what is shown, then the rest of the current study. */
  private replan(): void {
    const state = this.store.get();
    const hung = state.panes.slice(0, PANES[state.layout]).flatMap((pane) => {
      const set = findSet(state, pane.setId);
      return set ? outward(pane.requested, set.frames.length).flatMap((i) => set.frames[i] ?? []) : [];
    });
    const rest = this.setsOf('current').flatMap((sets) => sets.flatMap((set) => set.frames));
    const seen = new Set<string>();
    const plan = [...hung, ...rest].filter(({ imageId }) => !seen.has(imageId) && seen.add(imageId));
    this.queue.plan(plan);
  }

  private count(frame: Frame, isFull: boolean): void {
    const uid = this.seriesOfFrame.get(frame.imageId) ?? '';
    const tally = this.tallied.get(uid) ?? { full: new Set<string>(), failed: new Set<string>() };
    tally.full.delete(frame.imageId);
    tally.failed.delete(frame.imageId);
    (isFull ? tally.full : tally.failed).add(frame.imageId);
    this.tallied.set(uid, tally);
    this.tally ??= setTimeout(() => this.publishCounts(), 120);
  }

  private publishCounts(): void {
    this.tally = null;
    if (!this.token.isOpen) return;
    for (const [uid, { full, failed }] of this.tallied) {
      this.changeSeries(uid, { full: full.size, failed: failed.size });
    }
  }
}
