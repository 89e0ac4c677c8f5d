import { reach } from '@/api/client';
import { problemFrom } from '@/api/problem';
import type { Store } from '@/ui/store';
import { declareFrames, FrameError, loadFrame } from './engine/frames';
import type { CaseToken } from './model/gate';
import { type DicomJson, type Frame, framesOf } from './model/metadata';
import { displaySetsOf } from './model/stacks';
import { type FrameFate, FrameQueue } from './queue';
import type { SeriesView, StudyView, ViewerState } from './state';

const COUNT_EVERY_MS = 120;

/** What is known of the images of one case: the descriptions of its series, and how many of its frames are here whole. */
export class Holdings {
  readonly queue: FrameQueue<Frame>;
  private readonly frames = new Map<string, Frame>();
  private readonly seriesOfFrame = new Map<string, string>();
  private readonly tallied = new Map<string, { full: Set<string>; failed: Set<string> }>();
  private tally: ReturnType<typeof setTimeout> | null = null;
  private readonly store: Store<ViewerState>;
  private readonly token: CaseToken;

  constructor(store: Store<ViewerState>, token: CaseToken) {
    this.store = store;
    this.token = token;
    this.queue = new FrameQueue<Frame>({
      load: loadFrame,
      faultOf: (error) => (error instanceof FrameError ? error.fault : 'undecodable'),
      onChange: (frame, fate) => this.count(frame, fate.state === 'ready'),
    });
  }

  close(): void {
    this.queue.close();
    if (this.tally) clearTimeout(this.tally);
  }

  frame(imageId: string | undefined): Frame | null {
    return (imageId ? this.frames.get(imageId) : null) ?? null;
  }

  frameOf(sopInstanceUid: string, frameNumber: number): Frame | null {
    for (const frame of this.frames.values())
      if (frame.sopInstanceUid === sopInstanceUid && frame.frameNumber === frameNumber) return frame;
    return null;
  }

  /** Somebody looks at this frame, or wants its thumbnail soon; a late answer for a closed case never comes. */
  want(frame: Frame, how: 'now' | 'soon' = 'now'): Promise<FrameFate> {
    return this.token.keep(this.queue.want(frame, how));
  }

  async describe(study: StudyView, uid: string): Promise<void> {
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
  }
}
