import type { Store } from '@/ui/store';
import { ahead } from './ahead';
import { early } from './early';
import { declareFrames, isEngineHere, loadFrame } from './engine/door';
import { FrameError } from './engine/fault';
import { type FrameBytes, fetchFrame, type Prefix } from './engine/fetching';
import { factsOf } from './hanging/facts';
import { line } from './line';
import { Looks } from './looks';
import { documentOf } from './model/documents';
import type { CaseToken } from './model/gate';
import { type DicomJson, type Frame, framesOf } from './model/metadata';
import { type DisplaySet, displaySetsOf } from './model/stacks';
import { type Asked, type FrameFate, FrameQueue } from './queue';
import { absolute, fetchDescriptions, seriesAddress } from './series';
import type { SeriesView, StudyView, ViewerState } from './state';

const COUNT_EVERY_MS = 120;
const PAINT_MS = 100;
/** Faults of the line, and after how long a frame is asked for again each time before the reader is told. */
const PASSING: ReadonlySet<string> = new Set(['unreachable', 'incomplete']);
const AGAIN_MS = [400, 1500, 4000];

/** What was just made is on screen, or nobody looks at this window. */
const painted = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, PAINT_MS);
    requestAnimationFrame(() => setTimeout(resolve));
  });

interface Order {
  /** On screen, outward from what is shown. */
  hung: readonly Frame[];
  rest: readonly Frame[];
}

/** One request: for a frame, or for the coarse picture that goes before it. */
interface Job {
  imageId: string;
  frame: Frame;
  isLook: boolean;
}

const whole = (frame: Frame): Job => ({ imageId: frame.imageId, frame, isLook: false });
const coarse = (frame: Frame): Job => ({ imageId: `look:${frame.imageId}`, frame, isLook: true });

/** What is known of the images of one case: the descriptions of its series, and how many of its frames are here whole. */
export class Holdings {
  readonly looks: Looks;
  private readonly queue: FrameQueue<Job>;
  private readonly frames = new Map<string, Frame>();
  private readonly seriesOfFrame = new Map<string, string>();
  private readonly tallied = new Map<string, { full: Set<string>; failed: Set<string> }>();
  private planned: { order: Order; isSlow: boolean } | null = null;
  private tally: ReturnType<typeof setTimeout> | null = null;
  private readonly store: Store<ViewerState>;
  private readonly token: CaseToken;

  constructor(store: Store<ViewerState>, token: CaseToken) {
    this.store = store;
    this.token = token;
    this.looks = new Looks(token);
    this.queue = new FrameQueue<Job>({
      load: (job, how) => this.load(job, how),
      faultOf: (error) => (error instanceof FrameError ? error.fault : 'undecodable'),
      onChange: ({ frame, isLook }, fate) => {
        if (!isLook) this.count(frame, fate.state === 'ready');
      },
      sizeOf: ({ frame, isLook }) => (isLook ? this.looks.bytesOfLook(frame) : this.looks.bytesOf(frame)),
      aheadBytes: () => line.aheadBytes,
      againAfter: (fault, failures) => (PASSING.has(fault) ? (AGAIN_MS[failures - 1] ?? null) : null),
      isInTheWay: (bytes) => line.isSlowForPicture(bytes),
      onPace: (isBusy) => ahead.pause(isBusy),
    });
  }

  private async load({ frame, isLook }: Job, how: Asked): Promise<void> {
    if (isLook) {
      await this.looks.load(frame, how);
      return;
    }
    const { imageId } = frame;
    const asking = {
      ...how,
      onPartial: (begun: Prefix) => this.looks.keep(imageId, begun),
      beginning: how.isUrgent ? this.looks.beginningOf(frame) : undefined,
    };
    early.isAsked = true;
    const here = ahead.take(imageId) ?? (await early.frame.claim(imageId));
    const bytes = here ?? (await fetchFrame(imageId, asking, this.looks.prefixOf(imageId)));
    if (!isEngineHere() && how.isUrgent) await this.showWhole(frame, bytes);
    await loadFrame(frame, asking, bytes);
    this.looks.complete(imageId);
  }

  /** Somebody waits for the first picture: it stands on screen before the engine, which is large, is asked for. */
  private async showWhole(frame: Frame, bytes: FrameBytes): Promise<void> {
    await this.looks.showWhole(frame, bytes).catch(() => false);
    await painted();
  }

  close(): void {
    this.queue.close();
    this.looks.forgetAll();
    if (this.tally) clearTimeout(this.tally);
  }

  frame(imageId: string | undefined): Frame | null {
    return (imageId ? this.frames.get(imageId) : null) ?? null;
  }

  fateOf(imageId: string): FrameFate | undefined {
    return this.queue.fateOf(imageId);
  }

  frameOf(sopInstanceUid: string, frameNumber: number): Frame | null {
    for (const frame of this.frames.values())
      if (frame.sopInstanceUid === sopInstanceUid && frame.frameNumber === frameNumber) return frame;
    return null;
  }

  /** Somebody looks at this frame, or wants its thumbnail soon; a late answer for a closed case never comes. */
  want(frame: Frame, how: 'now' | 'soon' = 'now'): Promise<FrameFate> {
    return this.token.keep(this.queue.want(whole(frame), how));
  }

  /** The reader has scrolled past this frame before it came. */
  release(frame: Frame): void {
    if (!this.fateOf(frame.imageId)) this.queue.release(frame.imageId);
  }

  /** Coarse pictures of what hangs first, where the line is slow; then everything whole. */
  plan(order: Order): void {
    const missing = order.hung.filter(({ imageId }) => !this.fateOf(imageId));
    const isSlow = this.looks.isSlowFor(missing);
    const still = missing.filter(({ imageId }) => !this.queue.isRunning(imageId));
    const first = isSlow ? this.looks.missing(still).map(coarse) : [];
    this.planned = { order, isSlow };
    this.queue.plan([...first, ...[...missing, ...order.rest].map(whole)]);
  }

  /** The line turned out slower or faster than was thought. */
  private planAnew(): void {
    if (!this.planned) return;
    const { order, isSlow } = this.planned;
    const missing = order.hung.filter(({ imageId }) => !this.fateOf(imageId));
    if (this.looks.isSlowFor(missing) !== isSlow) this.plan(order);
  }

  async describe(study: StudyView, uid: string): Promise<void> {
    const { dicomweb_root: root, study: about } = study.source;
    const address = seriesAddress(root, about.study_instance_uid, uid);
    try {
      const ask = () => fetchDescriptions(address, this.token.signal);
      const known = ahead.describe(address) ?? early.descriptions.take(address, ask);
      const instances = await this.token.keep(Promise.resolve(known));
      this.adopt(about.study_instance_uid, uid, instances, absolute(address));
    } catch {
      this.changeSeries(uid, { status: 'failed' });
    }
  }

  private adopt(studyUid: string, uid: string, instances: readonly DicomJson[], address: string): void {
    const perInstance = instances.map((json) => ({ json, frames: framesOf(json, address) }));
    for (const { json, frames } of perInstance) declareFrames(json, frames);
    const frames = perInstance.flatMap((one) => one.frames);
    for (const frame of frames) {
      this.frames.set(frame.imageId, frame);
      this.seriesOfFrame.set(frame.imageId, uid);
    }
    const sets = displaySetsOf(frames, uid, studyUid);
    const first = (set: DisplaySet): DicomJson | undefined =>
      perInstance.find((one) => one.frames[0] && one.frames.includes(set.frames[0] ?? one.frames[0]))?.json;
    this.changeSeries(uid, {
      status: 'ready',
      sets,
      facts: Object.fromEntries(sets.map((set) => [set.id, factsOf(set, first(set))])),
      withoutPicture: perInstance.filter((one) => one.frames.length === 0).length,
      documents: perInstance.flatMap((one) =>
        one.frames.length === 0 ? (documentOf(one.json, address) ?? []) : [],
      ),
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

  private count(frame: Frame, isFull: boolean): void {
    const uid = this.seriesOfFrame.get(frame.imageId) ?? '';
    const tally = this.tallied.get(uid) ?? { full: new Set<string>(), failed: new Set<string>() };
    tally.full.delete(frame.imageId);
    tally.failed.delete(frame.imageId);
    (isFull ? tally.full : tally.failed).add(frame.imageId);
    this.tallied.set(uid, tally);
    this.tally ??= setTimeout(() => this.publishCounts(), COUNT_EVERY_MS);
  }

  private publishCounts(): void {
    this.tally = null;
    if (!this.token.isOpen) return;
    for (const [uid, { full, failed }] of this.tallied) {
      this.changeSeries(uid, { full: full.size, failed: failed.size });
    }
    this.planAnew();
  }
}
