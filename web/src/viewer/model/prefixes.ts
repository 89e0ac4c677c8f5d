/** Which bytes of a packed frame hold a coarse picture of it (docs/manifest.md). */
import type { Frame } from './metadata';

/** The longer side that a coarse picture should at least have. */
export const LOOK_PIXELS = 128;

export interface Coarse {
  /** The prefix ends before this byte. */
  end: number;
  /** Resolutions left out at the top. */
  skip: number;
  /** Bytes of the whole frame. */
  whole: number;
}

interface Packed {
  frames: (readonly number[] | null)[];
}

export interface PackedSeries {
  instances: readonly { sop_instance_uid: string; frames: number }[];
  packed: Packed | null;
}

export interface Manifest {
  series: readonly PackedSeries[];
}

/** Identifies a frame whatever its address is. */
export const frameKey = (frame: Pick<Frame, 'sopInstanceUid' | 'frameNumber'>): string =>
  `${frame.sopInstanceUid}/${frame.frameNumber}`;

/** Of every packed frame, where its resolutions end; smallest first, the last is its length. */
export function endsOf(manifest: Manifest): Map<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  for (const { instances, packed } of manifest.series) {
    if (!packed) continue;
    let at = 0;
    for (const { sop_instance_uid: sopInstanceUid, frames } of instances) {
      for (let n = 1; n <= frames; n += 1) {
        const ends = packed.frames[at];
        at += 1;
        if (ends && ends.length > 0) found.set(frameKey({ sopInstanceUid, frameNumber: n }), ends);
      }
    }
  }
  return found;
}

/** The smallest resolution that is large enough; null when that is the picture itself. Sizes halve, rounding up. */
export function coarseOf(ends: readonly number[], rows: number, columns: number): Coarse | null {
  const whole = ends.at(-1);
  for (const [at, end] of ends.entries()) {
    const skip = ends.length - 1 - at;
    const side = Math.ceil(Math.max(rows, columns) / 2 ** skip);
    if (side < LOOK_PIXELS) continue;
    return skip > 0 && whole !== undefined && end < whole ? { end, skip, whole } : null;
  }
  return null;
}
