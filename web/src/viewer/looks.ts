import { ahead } from './ahead';
import { early } from './early';
import { type Asking, type FrameBytes, fetchPrefix, type Prefix } from './engine/fetching';
import { decodeHtj2k, isHtj2k } from './engine/htj2k';
import { line } from './line';
import type { CaseToken } from './model/gate';
import type { Frame } from './model/metadata';
import { type Coarse, coarseOf, endsOf, frameKey } from './model/prefixes';
import { fetchManifest } from './series';

/** A coarse picture of a frame: for finding one's way while the frame itself is on its way, never for measuring or reading. */
export interface Look {
  rows: number;
  columns: number;
  /** Resolutions left out. */
  skip: number;
  /** As stored, before the modality's rescale. */
  pixels: Int16Array | Uint16Array | Uint8Array | Int8Array;
}

/** Where nothing is known: a CT slice, packed. */
const USUAL_BYTES = 170_000;

/** A straight window over grey values says all there is to say about how it looks. */
const isPlainGrey = ({ isColour, hasModalityLut, voiFunction, windows, shutter, picture }: Frame): boolean =>
  !isColour &&
  picture.samples === 1 &&
  !picture.palette &&
  !hasModalityLut &&
  voiFunction === 'LINEAR' &&
  windows.length > 0 &&
  picture.voiLuts.length === 0 &&
  picture.overlays.length === 0 &&
  !shutter;

/** Coarse pictures of one case, and the bytes they were made of: the whole frame needs only the rest. */
export class Looks {
  private readonly ends = new Map<string, readonly number[]>();
  private readonly prefixes = new Map<string, Prefix>();
  private readonly pictures = new Map<string, Look>();
  private readonly listeners = new Set<(imageId: string) => void>();
  private readonly token: CaseToken;

  constructor(token: CaseToken) {
    this.token = token;
  }

  /** Asks which frames of a study are packed, and where their resolutions end. Without an answer there are no coarse pictures. */
  async learn(address: string): Promise<void> {
    try {
      const ask = () => fetchManifest(address, this.token.signal);
      const manifest = await this.token.keep(early.manifest.take(address, ask));
      for (const [key, ends] of endsOf(manifest)) this.ends.set(key, ends);
    } catch {
      /* Coarse pictures are a help, not a promise: the frames come whole without them. */
      this.ends.clear();
    }
  }

  private coarse(frame: Frame): Coarse | null {
    const ends = frame.isColour ? undefined : this.ends.get(frameKey(frame));
    return ends ? coarseOf(ends, frame.rows, frame.columns) : null;
  }

  /** Whether so much is still to come that coarse pictures should go before it. */
  isSlowFor(frames: readonly Frame[]): boolean {
    return line.isSlowForStack(frames.reduce((sum, frame) => sum + this.bytesOf(frame), 0));
  }

  /** Those of the frames that can have a coarse picture and have none yet. */
  missing(frames: readonly Frame[]): Frame[] {
    return frames.filter((frame) => this.mayCome(frame));
  }

  /** Of a frame somebody waits for on a slow line: its beginning, which is shown while the rest is still coming. */
  beginningOf(frame: Frame): Asking['beginning'] {
    const coarse = this.coarse(frame);
    if (!coarse || this.pictures.has(frame.imageId) || !line.isSlowForPicture(this.bytesOf(frame)))
      return undefined;
    /* A beginning that does not decode is no loss: the frame is on its way. */
    const take = (bytes: Uint8Array<ArrayBuffer>): void =>
      void this.picture(frame, bytes, coarse.skip).catch(() => undefined);
    return { end: coarse.end, take };
  }

  private mayCome(frame: Frame): boolean {
    /* What is here whole, or on its way whole, needs no coarse picture. */
    const isComing = ahead.has(frame.imageId) || early.frame.has(frame.imageId);
    return !isComing && !this.pictures.has(frame.imageId) && this.coarse(frame) !== null;
  }

  /** What is still to be fetched of a frame. */
  bytesOf(frame: Frame): number {
    const whole = this.ends.get(frameKey(frame))?.at(-1) ?? USUAL_BYTES;
    return whole - (this.prefixes.get(frame.imageId)?.bytes.length ?? 0);
  }

  bytesOfLook(frame: Frame): number {
    return this.coarse(frame)?.end ?? 0;
  }

  async load(frame: Frame, asking: Asking): Promise<void> {
    const coarse = this.coarse(frame);
    if (!coarse) return;
    const prefix = await this.token.keep(fetchPrefix(frame.imageId, coarse.end, asking));
    this.keep(frame.imageId, prefix);
    await this.picture(frame, prefix.bytes, coarse.skip);
  }

  private async picture(frame: Frame, bytes: Uint8Array<ArrayBuffer>, skip: number): Promise<void> {
    const decoded = await this.token.keep(decodeHtj2k(bytes, skip));
    const { pixels, rows, columns, bits, isSigned } = decoded;
    const narrow = isSigned ? new Int8Array(pixels.buffer) : pixels;
    const wide = bits > 8 && (isSigned ? new Int16Array(pixels.buffer) : new Uint16Array(pixels.buffer));
    this.pictures.set(frame.imageId, { rows, columns, skip, pixels: wide || narrow });
    for (const listener of this.listeners) listener(frame.imageId);
  }

  /** All of a frame, for as long as the engine that draws and measures is still to come. False where only the engine knows how. */
  async showWhole(frame: Frame, { bytes, syntax }: FrameBytes): Promise<boolean> {
    if (!isHtj2k(syntax) || !isPlainGrey(frame)) return false;
    await this.picture(frame, bytes, 0);
    return true;
  }

  of(imageId: string): Look | null {
    return this.pictures.get(imageId) ?? null;
  }

  /** The beginning of the frame, to be continued. */
  prefixOf(imageId: string): Prefix | null {
    return this.prefixes.get(imageId) ?? null;
  }

  /** As much of a frame as had come when it was given up. */
  keep(imageId: string, begun: Prefix): void {
    if (begun.bytes.length > (this.prefixOf(imageId)?.bytes.length ?? 0)) this.prefixes.set(imageId, begun);
  }

  /** The frame itself is here: its beginning need not be continued. */
  complete(imageId: string): void {
    this.prefixes.delete(imageId);
  }

  forgetAll(): void {
    this.prefixes.clear();
    this.pictures.clear();
    this.ends.clear();
  }

  /** Hears of each coarse picture as it comes; returns how to stop. */
  hear(listener: (imageId: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
