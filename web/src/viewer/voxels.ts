import { pixelsOf } from './engine/door';
import type { Numbers, Voxels } from './model/reformat';
import type { DisplaySet } from './model/stacks';
import { gridOf } from './model/values';
import { isVolume, volumeOf } from './model/volume';

const LARGEST_WHOLE = 32_000;

/** The slices of a volume as the decoder left them; nothing is copied. */
export interface Gathered {
  voxels: Voxels;
  range: readonly [number, number];
  isWhole: boolean;
}

function rangeOf({ pixels, slope, intercept }: Voxels): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  pixels.forEach((numbers, k) => {
    let [min, max] = [numbers[0] ?? 0, numbers[0] ?? 0];
    for (let i = 1; i < numbers.length; i += 1) {
      const value = numbers[i] as number;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const ends = [min, max].map((one) => one * (slope[k] ?? 1) + (intercept[k] ?? 0));
    low = Math.min(low, ...ends);
    high = Math.max(high, ...ends);
  });
  return [low, high];
}

/** All slices in the volume's order, or why not: one that is not here whole, or whose values cannot be vouched for. */
export function gather(set: DisplaySet): Gathered | 'slices' | 'values' {
  const volume = volumeOf(set);
  if (!isVolume(volume)) return 'values';
  const pixels: Numbers[] = [];
  const slope = new Float64Array(volume.order.length);
  const intercept = new Float64Array(volume.order.length);
  for (const [k, index] of volume.order.entries()) {
    const frame = set.frames[index];
    const decoded = frame && pixelsOf(frame);
    if (!frame || !decoded) return 'slices';
    const grid = gridOf(frame, decoded);
    if (typeof grid === 'string') return 'values';
    pixels.push(decoded.pixels as Numbers);
    slope[k] = decoded.applied ? 1 : frame.slope;
    intercept[k] = decoded.applied ? 0 : frame.intercept;
  }
  const voxels = { pixels, slope, intercept };
  const range = rangeOf(voxels);
  const isWhole =
    pixels.every((numbers) => !(numbers instanceof Float32Array)) &&
    [...slope, ...intercept].every(Number.isInteger) &&
    Math.max(...range.map(Math.abs)) <= LARGEST_WHOLE;
  return { voxels, range, isWhole };
}
