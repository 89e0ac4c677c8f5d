import { reach } from '@/api/client';
import type { ImagesOut, StudyImages } from '@/api/contract';
import { problemFrom } from '@/api/problem';
import type { Store } from '@/ui/store';
import { declareFrames, FrameError, forgetFrames, loadFrame } from './engine/frames';
import { chooseTool, describeFramesWith, type MouseTool, type StackPane } from './engine/stage';
import type { CaseToken } from './model/gate';
import { bestMatch, firstToShow } from './model/hanging';
import { type Link, linkedIndex, linkStacks } from './model/linking';
import { type DicomJson, type Frame, framesOf } from './model/metadata';
import { type DisplaySet, displaySetsOf } from './model/stacks';
import { FrameQueue, outward } from './queue';
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

function seriesViews({ study, series }: StudyImages): SeriesView[] {
  return series.map((one) => ({
    uid: one.series_instance_uid,
    studyUid: study.study_instance_uid,
    number: one.series_number,
    modality: one.modality,
    description: one.description,
    declared: { instances: one.instance_count, frames: one.frame_count },
    status: 'waiting',
    sets: [],
    withoutPicture: 0,
    full: 0,
    failed: 0,
  }));
}

/** From this many frames on, a series is a stack and not a scout or a picture. */
const STACK_FRAMES = 5;

/** The images of one case: their descriptions, their frames, and what each pane shows of them. */
export class ViewerCase {
  readonly store: Store<ViewerState> = newViewerStore();
  private readonly token: CaseToken;
  private readonly frames = new Map<string, Frame>();
  private readonly seriesOfFrame = new Map<string, string>();
  private readonly views = new Map<number, StackPane>();
  private readonly links = new Map<string, Link>();
  private readonly queue: FrameQueue<Frame>;
  private tally: ReturnType<typeof setTimeout> | null = null;
  private readonly tallied = new Map<string, { full: Set<string>; failed: Set<string> }>();

  constructor(token: CaseToken) {
    this.token = token;
    this.queue = new FrameQueue<Frame>({
      load: loadFrame,
      faultOf: (error) => (error instanceof FrameError ? error.fault : 'undecodable'),
      onChange: (frame, fate) => this.count(frame, fate.state === 'ready'),
    });
    describeFramesWith((imageId) => this.frames.get(imageId));
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
      await this.inParallel(order, 3, (series) => this.describe(study, series.uid));
      this.hang();
    }
    this.replan();
  }

  close(): void {
    this.queue.close();
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

  showSet(index: number, set: DisplaySet, at = Math.floor((set.frames.length - 1) / 2)): void {
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
    const followers = state.isLinked ? this.followers(index, set, pane.requested, at) : [];
    this.goTo(index, at, null);
    for (const follower of followers) this.goTo(follower.pane, follower.at, follower.outsideMm);
  }

  scrollBy(index: number, step: number): void {
    this.scrollTo(index, (this.store.get().panes[index]?.requested ?? 0) + step);
  }

  toggleLink(): void {
    this.links.clear();
    this.store.set(({ isLinked }) => ({ isLinked: !isLinked }));
  }

  /** The link between two panes as it stands, made now if there is none yet. */
  linkBetween(source: number, target: number): Link | null {
    const state = this.store.get();
    const [from, to] = [state.panes[source], state.panes[target]];
    const [a, b] = [findSet(state, from?.setId ?? null), findSet(state, to?.setId ?? null)];
    if (!a || !b || !from || !to) return null;
    const key = `${source}>${target}`;
    const link = this.links.get(key) ?? linkStacks(a, from.requested, b, to.requested);
    this.links.set(key, link);
    /* Both directions share one alignment, otherwise scrolling back and forth would drift. */
    if (link.kind !== 'none' && !this.links.has(`${target}>${source}`)) {
      this.links.set(`${target}>${source}`, { ...link, offsetMm: -link.sign * link.offsetMm });
    }
    return link;
  }

  retry(index: number): void {
    this.goTo(index, this.store.get().panes[index]?.requested ?? 0, null);
  }

  private followers(source: number, set: DisplaySet, _from: number, to: number) {
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
      this.views.get(index)?.show(at);
      return;
    }
    void this.wantFrame(frame).then((fate) => {
      const pane = this.store.get().panes[index];
      if (pane?.setId !== set.id || pane.requested !== at) return;
      if (fate.state === 'ready') this.views.get(index)?.show(at);
      else this.changePane(index, { fault: fate.fault, shown: null });
    });
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

  private async inParallel<Item>(items: readonly Item[], atOnce: number, act: (item: Item) => Promise<void>) {
    const waiting = [...items];
    const worker = async (): Promise<void> => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }
}
