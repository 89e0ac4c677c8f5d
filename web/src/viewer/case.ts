import type { ImagesOut } from '@/api/contract';
import type { Store } from '@/ui/store';
import { ahead } from './ahead';
import { arrangementOf, type Gather } from './arrangement';
import { chooseTool, forgetFrames } from './engine/door';
import type { Look, MouseTool, StackPane } from './engine/stage';
import { Film, isFilm } from './film';
import { rememberLayout, rememberTool, takeUp } from './follow';
import { Fusion } from './fusion/fusion';
import { fetchOrder, wishes } from './hang';
import { Hanger } from './hanger';
import type { Seat } from './hanging/scenes';
import { Holdings } from './holdings';
import { type Follower, PaneLinks } from './links';
import { Marking } from './marking';
import type { CaseToken } from './model/gate';
import type { Frame } from './model/metadata';
import type { DisplaySet } from './model/stacks';
import { defaultLut, noteLook } from './pictures';
import { Planes } from './planes';
import type { FrameFate } from './queue';
import { Resumed } from './resume';
import { inParallel, seriesViews, studyAddress } from './series';
import {
  emptyPane,
  emptyPanes,
  type Layout,
  newViewerStore,
  PANES,
  type PaneState,
  setInPane,
  type ViewerState,
} from './state';
import { Together } from './together';

const DESCRIBED_AT_ONCE = 3;

/** The images of one case: what is known of them, and what each pane shows of them. */
export class ViewerCase {
  readonly store: Store<ViewerState> = newViewerStore();
  readonly links = new PaneLinks(this.store);
  readonly holdings: Holdings;
  readonly planes = new Planes(this);
  readonly fusion = new Fusion(this);
  readonly hanger = new Hanger(this);
  readonly together = new Together(this);
  private readonly resumed = new Resumed(this);
  private readonly token: CaseToken;
  private readonly views = new Map<number, StackPane>();
  /** Which stack each picture area has been given; a stack whose first frame failed has not been given yet. */
  private readonly given = new WeakMap<StackPane, string>();
  readonly marking: Marking = new Marking(this);
  readonly film = new Film(this);

  readonly seat: Seat | (() => Promise<Seat>);
  /** What hangs in all windows of the case; alone, in this one. */
  gather: Gather = async () => {
    const own = arrangementOf(this);
    return own && [own];
  };
  /** Told after the reader has scrolled a pane; panes of other windows may go along. */
  onScroll: (index: number) => void = () => undefined;

  constructor(token: CaseToken, seat: ViewerCase['seat'] = { screens: 1, place: 0 }) {
    this.token = token;
    this.seat = seat;
    this.holdings = new Holdings(this.store, token);
  }

  /** Descriptions come series by series, the current study first; the first stack is hung as soon as it is known. */
  async open(images: ImagesOut): Promise<void> {
    ahead.turnTo(images);
    const studies = images.studies.map((source) => ({
      role: source.role,
      source,
      series: seriesViews(source),
    }));
    this.store.set({ studies });
    const learnt = studies.map(({ source }) =>
      this.holdings.looks.learn(studyAddress(source.dicomweb_root, source.study.study_instance_uid)),
    );
    await this.hanger.begin((value) => this.token.keep(value));
    takeUp(this);
    for (const study of studies) {
      const order = [...study.series].sort((a, b) => (a.number ?? 1e9) - (b.number ?? 1e9));
      await inParallel(order, DESCRIBED_AT_ONCE, async (series) => {
        await this.holdings.describe(study, series.uid);
        if (study.role === 'current') this.hang();
      });
      this.hang();
    }
    await Promise.all(learnt);
    this.replan();
  }

  close(): void {
    this.resumed.close();
    this.holdings.close();
    this.film.close();
    this.marking.end();
    this.planes.close();
    this.fusion.close();
    this.store.set({ studies: [], panes: emptyPanes(), hanging: null });
    forgetFrames();
  }

  attach(index: number, view: StackPane): void {
    this.views.set(index, view);
    void this.fill(index);
  }

  detach(index: number): void {
    this.views.delete(index);
    this.together.forget(index);
    this.changePane(index, { shown: null, look: null, isSettled: false, isEngineLost: false });
  }

  view(index: number): StackPane | null {
    return this.views.get(index) ?? null;
  }

  frame(imageId: string | undefined): Frame | null {
    return this.planes.supply.frame(imageId) ?? this.holdings.frame(imageId);
  }

  want(frame: Frame): Promise<FrameFate> {
    return this.planes.supply.has(frame) ? this.planes.supply.want(frame) : this.holdings.want(frame);
  }

  isReady(frame: Frame): boolean {
    return this.planes.supply.has(frame)
      ? this.planes.supply.isReady(frame)
      : this.holdings.fateOf(frame.imageId)?.state === 'ready';
  }

  frameOf(sopInstanceUid: string, frameNumber: number): Frame | null {
    return this.holdings.frameOf(sopInstanceUid, frameNumber);
  }

  /** Thumbnails are wanted, but never before what somebody is looking at. */
  wantThumbnail(frame: Frame) {
    return this.holdings.want(frame, 'soon');
  }

  activate(index: number): void {
    if (this.store.get().active !== index) this.store.set({ active: index });
  }

  chooseTool(tool: MouseTool): void {
    chooseTool(tool);
    this.store.set({ tool });
    rememberTool(tool);
  }

  /** A width that is no number asks for the whole range of the image. */
  setWindow(index: number, center: number, width: number): void {
    const view = this.views.get(index);
    this.changePane(index, { lut: null });
    if (Number.isFinite(width)) view?.setWindow(center, width);
    else view?.setFullRange();
  }

  /** The engine reports what it drew; an image of another stack or another slice is not taken for the wanted one. */
  noteShown(index: number, imageId: string): void {
    const set = setInPane(this.store.get(), index);
    const at = set?.frames.findIndex((frame) => frame.imageId === imageId) ?? -1;
    if (at >= 0) this.changePane(index, { shown: { imageId, index: at }, fault: null });
  }

  changePane(index: number, change: Partial<PaneState>): void {
    this.store.set(({ panes }) => ({
      panes: panes.map((pane, i) => (i === index ? { ...pane, ...change } : pane)),
    }));
  }

  /** The engine reports how a pane looks; others may follow it. */
  noteLook(index: number, look: Look, isHeld: boolean): void {
    noteLook(this, index, look, isHeld);
    this.together.note(index, look);
  }

  /** The reader wants other panes: what hangs stays, what is new is filled with what comes next. */
  setLayout(layout: Layout): void {
    if (!this.planes.mayArrange(layout)) return;
    this.hanger.touch();
    rememberLayout(this, layout);
    this.changeLayout(layout);
    this.fillEmpty();
  }

  changeLayout(layout: Layout): void {
    const before = this.store.get().layout;
    this.store.set(({ active }) => ({ layout, active: active < PANES[layout] ? active : 0 }));
    this.planes.arrange(before, layout);
  }

  clearPanes(): void {
    this.store.set({ panes: emptyPanes() });
    this.planes.tidy();
  }

  /** The reader puts a stack somewhere; there it stays. */
  showSet(index: number, set: DisplaySet, place?: number): void {
    this.hanger.touch();
    this.put(index, set, place);
  }

  put(index: number, set: DisplaySet, place?: number): void {
    const at = place ?? (isFilm(set) ? 0 : this.links.placeFor(index, set));
    this.changePane(index, {
      ...emptyPane(),
      setId: set.id,
      requested: at,
      lut: defaultLut(set.frames[0]),
    });
    this.planes.tidy();
    void this.fill(index);
    this.replan();
  }

  /** The reader wants another slice here; panes linked to it follow to the same place in the patient. */
  scrollTo(index: number, wanted: number): void {
    const set = setInPane(this.store.get(), index);
    if (!set) return;
    const at = Math.min(set.frames.length - 1, Math.max(0, wanted));
    const followers = this.links.followers(index, set, at);
    this.goTo(index, at, null);
    this.follow(followers);
    this.onScroll(index);
  }

  /** Panes go along with one that was scrolled, here or in another window. */
  follow(followers: readonly Follower[]): void {
    for (const follower of followers) this.goTo(follower.pane, follower.at, follower.outsideMm);
    this.replan();
  }

  scrollBy(index: number, step: number): void {
    this.scrollTo(index, (this.store.get().panes[index]?.requested ?? 0) + step);
  }

  retry(index: number): void {
    this.goTo(index, this.store.get().panes[index]?.requested ?? 0, null);
  }

  goTo(index: number, at: number, outsideMm: number | null): void {
    const set = setInPane(this.store.get(), index);
    const frame = set?.frames[at];
    if (!set || !frame) return;
    this.leave(index, frame);
    this.changePane(index, { requested: at, outsideMm, fault: null });
    if (this.isReady(frame)) {
      this.display(index, set, at);
      return;
    }
    void this.want(frame).then((fate) => {
      const pane = this.store.get().panes[index];
      if (pane?.setId !== set.id || pane.requested !== at) return;
      if (fate.state === 'ready') this.display(index, set, at);
      else this.changePane(index, { fault: fate.fault, shown: null });
    });
  }

  /** What this pane waited for is given up, unless another pane waits for it too. */
  private leave(index: number, next: Frame): void {
    const state = this.store.get();
    const before = setInPane(state, index)?.frames[state.panes[index]?.requested ?? 0];
    const isWantedElsewhere = state.panes.some(
      (pane, i) => i !== index && setInPane(state, i)?.frames[pane.requested]?.imageId === before?.imageId,
    );
    if (before && before.imageId !== next.imageId && !isWantedElsewhere) this.holdings.release(before);
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
    const set = setInPane(state, index);
    const view = this.views.get(index);
    const frame = set?.frames[pane?.requested ?? 0];
    if (!pane || !set || !frame) return;
    /* Wanted also before there is an area to show it in: that comes with the engine, the picture before it. */
    const fate = await this.want(frame);
    const now = this.store.get().panes[index];
    if (now?.setId !== set.id || this.views.get(index) !== view) return;
    if (fate.state === 'failed' && now.requested === pane.requested) {
      this.changePane(index, { fault: fate.fault, shown: null });
      return;
    }
    if (!view) return;
    const ids = set.frames.map((one) => one.imageId);
    this.given.set(view, set.id);
    await view
      .setStack(ids, pane.requested)
      .catch(() => this.changePane(index, { fault: 'undecodable', shown: null }));
    this.planes.settle(index, view, set);
    if (this.store.get().panes[index]?.setId === set.id)
      this.together.quietly(() => {
        this.hanger.settle(index, view, set);
        this.resumed.settle(index, view, set.id);
        this.changePane(index, { isSettled: true });
      });
    const latest = this.store.get().panes[index];
    if (latest?.setId === set.id && latest.requested !== pane.requested)
      this.goTo(index, latest.requested, null);
  }

  /** By the protocol that hangs; without one, whatever comes first. */
  hang(): void {
    if (!this.hanger.hang()) this.fillEmpty();
  }

  private fillEmpty(): void {
    for (const { pane, set } of wishes(this.store.get())) this.put(pane, set);
  }

  private replan(): void {
    this.holdings.plan(fetchOrder(this.store.get()));
  }
}
