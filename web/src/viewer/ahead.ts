import type { ImagesOut } from '@/api/contract';
import { createStore } from '@/ui/store';
import { type FrameBytes, fetchFrame } from './engine/fetching';
import { line } from './line';
import { CaseToken } from './model/gate';
import type { DicomJson, Frame } from './model/metadata';
import { framesOf } from './model/metadata';
import { outward } from './model/order';
import { type DisplaySet, displaySetsOf, middleOf } from './model/stacks';
import { type Asked, FrameQueue } from './queue';
import { absolute, fetchDescriptions, seriesAddress } from './series';

/** Compressed, in this tab's memory; a large CT is a third of it. */
const MOST_BYTES = 500_000_000;
const USUAL_BYTES = 170_000;
const NOTHING = { reading: null, here: 0, of: 0 };

/**
 * The images of the case that is likely to come next, fetched while this one is read. They lie compressed in the memory of this
 * tab and nowhere else; opening any case drops whatever does not belong to it.
 */
export class Ahead {
  private readonly frames = new Map<string, FrameBytes>();
  private readonly descriptions = new Map<string, DicomJson[]>();
  private token = new CaseToken();
  private queue: FrameQueue<Frame> | null = null;
  private plan: Frame[] = [];
  private bytes = 0;
  private isPaused = false;
  /** Of a reading that was named when it was begun: how many of its pictures are here, of how many. */
  readonly progress = createStore<{ reading: number | null; here: number; of: number }>(NOTHING);

  /**
   * Fetches what `ask` names, quietly; what is here of it already stays. A fault ends it: the case will load as any other when it is
   * opened.
   */
  async begin(
    ask: (signal: AbortSignal) => Promise<ImagesOut | null>,
    reading: number | null = null,
  ): Promise<void> {
    this.stop();
    this.progress.set({ ...NOTHING, reading });
    const token = new CaseToken();
    this.token = token;
    const images = await token.keep(ask(token.signal));
    this.keepOnly(images);
    if (!images) return;
    const queue = new FrameQueue<Frame>({
      load: (frame, how) => this.load(frame, how),
      faultOf: () => 'unreachable',
      onChange: () => undefined,
      sizeOf: () => USUAL_BYTES,
      /* A case may be opened at any moment, and nothing of it should wait behind this. */
      aheadBytes: () => Math.min(line.aheadBytes, 2 * USUAL_BYTES),
    });
    this.queue = queue;
    for (const { study, series, dicomweb_root: root } of images.studies) {
      for (const one of series) {
        const address = seriesAddress(root, study.study_instance_uid, one.series_instance_uid);
        const described =
          this.describe(address) ?? (await token.keep(fetchDescriptions(address, token.signal)));
        this.descriptions.set(address, described);
        const frames = described.flatMap((json) => framesOf(json, absolute(address)));
        const sets = displaySetsOf(frames, one.series_instance_uid, study.study_instance_uid);
        const pictures = sets.flatMap(fromTheMiddle);
        this.plan.push(...pictures.filter(({ imageId }) => !this.frames.has(imageId)));
        this.progress.set(({ of }) => ({ of: of + pictures.length, here: this.frames.size }));
        this.go();
      }
    }
  }

  private async load(frame: Frame, how: Asked): Promise<void> {
    if (this.bytes > MOST_BYTES) return;
    const found = await fetchFrame(frame.imageId, how);
    this.frames.set(frame.imageId, found);
    this.bytes += found.bytes.length;
    this.progress.set({ here: this.frames.size });
  }

  /** The case being read needs the line itself. */
  pause(isPaused: boolean): void {
    if (this.isPaused === isPaused) return;
    this.isPaused = isPaused;
    this.go();
  }

  private go(): void {
    this.queue?.plan(this.isPaused ? [] : this.plan);
  }

  /** Nothing more is fetched; what is here stays. */
  stop(): void {
    this.token.close();
    this.queue?.close();
    this.queue = null;
    this.plan = [];
  }

  /** A case is opened: what was fetched for it is at hand, everything else is dropped. */
  turnTo(images: ImagesOut): void {
    this.stop();
    this.keepOnly(images);
    this.progress.set(NOTHING);
  }

  private keepOnly(images: ImagesOut | null): void {
    const own = images?.studies.map(({ study }) => `/studies/${study.study_instance_uid}/`) ?? [];
    const isOther = (address: string): boolean => !own.some((part) => address.includes(part));
    for (const kept of [this.frames, this.descriptions]) {
      for (const address of [...kept.keys()].filter(isOther)) kept.delete(address);
    }
    this.bytes = [...this.frames.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  has(imageId: string): boolean {
    return this.frames.has(imageId);
  }

  /** Gives the frame away: from now on it lies where all frames of the case lie. */
  take(imageId: string): FrameBytes | null {
    const found = this.frames.get(imageId) ?? null;
    this.frames.delete(imageId);
    return found;
  }

  describe(address: string): DicomJson[] | null {
    return this.descriptions.get(address) ?? null;
  }

  /** For tests and quality control. */
  get count(): number {
    return this.frames.size;
  }
}

const fromTheMiddle = (set: DisplaySet): Frame[] =>
  outward(middleOf(set), set.frames.length).flatMap((i) => set.frames[i] ?? []);

/** One for the tab: it lives from one case into the next. */
export const ahead = new Ahead();
