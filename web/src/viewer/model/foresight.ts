/** Which slice most likely stands on screen first, from the study's manifest alone: it can be asked for before anything is described. */
import { outward } from './order';
import { cross, dot, type Vector } from './vectors';

export interface Foreseeable {
  series_instance_uid: string;
  shapes: readonly { rows: number; columns: number; orientation: readonly number[] }[];
  /** By Instance Number. */
  instances: readonly {
    sop_instance_uid: string;
    frames: number;
    shape: number;
    positions: readonly (readonly number[])[];
  }[];
}

export interface Foreseen {
  sopInstanceUid: string;
  frameNumber: number;
}

/** Fewer are a scout or single pictures, which may be large and may hang anywhere. */
const STACK_FRAMES = 10;
const LARGEST_PIXELS = 1024 * 1024;

interface Slice {
  sopInstanceUid: string;
  frameNumber: number;
  position: readonly number[] | undefined;
}

function slicesOf({ instances }: Foreseeable, shape: number): Slice[] {
  return instances
    .filter((one) => one.shape === shape)
    .flatMap(({ sop_instance_uid: sopInstanceUid, frames, positions }) =>
      Array.from({ length: frames }, (_, i) => ({
        sopInstanceUid,
        frameNumber: i + 1,
        position: positions[i] ?? (positions.length === 1 ? positions[0] : undefined),
      })),
    );
}

/** As stacks are ordered: along the normal, from the end that was acquired first. */
function inSpace(slices: readonly Slice[], orientation: readonly number[]): Slice[] {
  if (orientation.length !== 6 || slices.some(({ position }) => position?.length !== 3)) return [...slices];
  const [row, column] = [orientation.slice(0, 3), orientation.slice(3)] as unknown as [Vector, Vector];
  const normal = cross(row, column);
  const placed = slices.map((slice, order) => ({
    slice,
    order,
    at: dot(slice.position as unknown as Vector, normal),
  }));
  placed.sort((a, b) => a.at - b.at || a.order - b.order);
  const [first, last] = [placed[0], placed.at(-1)];
  if (first && last && first.order > last.order) placed.reverse();
  return placed.map(({ slice }) => slice);
}

/** A stack from its middle outward; nothing where a series is none, or its pictures are too large to be guessed at. */
export function foreseenIn(series: Foreseeable): Foreseen[] {
  const stacks = series.shapes
    .map((shape, at) => ({ shape, slices: slicesOf(series, at) }))
    .sort((a, b) => b.slices.length - a.slices.length);
  const largest = stacks[0];
  if (!largest || largest.slices.length < STACK_FRAMES) return [];
  const { shape, slices } = largest;
  if (shape.rows * shape.columns > LARGEST_PIXELS) return [];
  const inOrder = inSpace(slices, shape.orientation);
  return outward(Math.floor((slices.length - 1) / 2), slices.length).flatMap((at) => {
    const slice = inOrder[at];
    return slice ? [{ sopInstanceUid: slice.sopInstanceUid, frameNumber: slice.frameNumber }] : [];
  });
}
