import type { ViewerCase } from './case';
import { declareCuts, dropCuts } from './engine/door';
import type { CutSet } from './model/cuts';
import type { Frame } from './model/metadata';
import { cut } from './model/reformat';
import { type DisplaySet, middleOf } from './model/stacks';
import { isVolume, type Volume, volumeOf } from './model/volume';
import type { FrameFate } from './queue';
import { findSet } from './state';
import { type Gathered, gather } from './voxels';

/** Cut planes of one case as frames: whether they can be had yet, and out of which slices. */
export class CutSupply {
  private readonly viewer: ViewerCase;
  private readonly frames = new Map<string, { frame: Frame; sourceId: string }>();
  private readonly gathered = new Map<string, Gathered>();
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(viewer: ViewerCase) {
    this.viewer = viewer;
  }

  frame(imageId: string | undefined): Frame | null {
    return (imageId ? this.frames.get(imageId)?.frame : null) ?? null;
  }

  has(frame: Frame): boolean {
    return this.frames.has(frame.imageId);
  }

  /** The reader has read the caution and wants the planes all the same. */
  agreed(sourceId: string): void {
    for (const go of this.waiting.get(sourceId) ?? []) go();
    this.waiting.delete(sourceId);
  }

  needsAgreement(sourceId: string): boolean {
    const source = findSet(this.viewer.store.get(), sourceId);
    const volume = source && volumeOf(source);
    return (
      !this.viewer.store.get().cutting[sourceId]?.isAgreed &&
      volume !== null &&
      isVolume(volume) &&
      volume.cautions.length > 0
    );
  }

  /** How many of the slices are here whole. */
  progress(sourceId: string): { here: number; failed: number; all: number } {
    const frames = findSet(this.viewer.store.get(), sourceId)?.frames ?? [];
    const fates = frames.map(({ imageId }) => this.viewer.holdings.fateOf(imageId)?.state);
    return {
      here: fates.filter((fate) => fate === 'ready').length,
      failed: fates.filter((fate) => fate === 'failed').length,
      all: frames.length,
    };
  }

  isReady(frame: Frame): boolean {
    const sourceId = this.frames.get(frame.imageId)?.sourceId ?? '';
    return this.gathered.has(sourceId) && !this.needsAgreement(sourceId);
  }

  /** Nothing is cut before every slice is here whole: a plane through half a volume would look like a finding. */
  async want(frame: Frame): Promise<FrameFate> {
    const sourceId = this.frames.get(frame.imageId)?.sourceId ?? '';
    if (this.needsAgreement(sourceId))
      await new Promise<void>((go) => {
        this.waiting.set(sourceId, [...(this.waiting.get(sourceId) ?? []), go]);
      });
    const source = findSet(this.viewer.store.get(), sourceId);
    if (!source) return { state: 'failed', fault: 'slices' };
    const fates = await Promise.all(source.frames.map((one) => this.viewer.holdings.want(one, 'soon')));
    if (fates.some((fate) => fate.state === 'failed')) return { state: 'failed', fault: 'slices' };
    const voxels = this.gathered.get(sourceId) ?? gather(source);
    if (typeof voxels === 'string') return { state: 'failed', fault: voxels };
    this.gathered.set(sourceId, voxels);
    return { state: 'ready' };
  }

  declare(set: CutSet, source: DisplaySet, volume: Volume): void {
    for (const frame of set.frames) this.frames.set(frame.imageId, { frame, sourceId: source.id });
    const voxels = (): Gathered => {
      const found = this.gathered.get(source.id);
      if (!found) throw new Error('The slices are not here.');
      return found;
    };
    declareCuts(set, {
      values: (index) => {
        const plane = set.cut.planes[index];
        if (!plane) throw new Error('There is no such plane.');
        return cut(volume, voxels().voxels, plane, set.cut.slab);
      },
      look: () => voxels(),
      sourceImageId: source.frames[middleOf(source)]?.imageId ?? '',
    });
  }

  drop(set: CutSet): void {
    dropCuts(set);
    for (const { imageId } of set.frames) this.frames.delete(imageId);
  }

  /** Slices are let go when no plane is cut from them any more. */
  keepOnly(sourceIds: ReadonlySet<string>): void {
    for (const sourceId of this.gathered.keys()) if (!sourceIds.has(sourceId)) this.gathered.delete(sourceId);
  }

  close(): void {
    this.frames.clear();
    this.gathered.clear();
    this.waiting.clear();
  }
}
