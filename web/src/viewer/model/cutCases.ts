/** Stacks of the table that the viewer and the hub share (`cut.json`): both must cut the same out of them. */
import { aFrame } from './builders';
import type { Frame } from './metadata';
import { cut, type Plane, type Slab, type Voxels } from './reformat';
import { type DisplaySet, displaySetsOf } from './stacks';
import type { Vector } from './vectors';
import { isVolume, volumeOf } from './volume';

interface ToldSlice {
  position: number[] | null;
  number: number;
  slope: number;
  intercept: number;
  row?: number[];
  column?: number[];
  spacing?: number[];
  frameOfReferenceUid?: string;
}

export interface ToldStack extends Partial<Pick<Frame, 'modality' | 'isColour' | 'hasModalityLut'>> {
  rows: number;
  columns: number;
  spacing: number[] | null;
  row: number[];
  column: number[];
  isSigned: boolean;
  slices: ToldSlice[];
  imageType?: string[];
  frameOfReferenceUid?: string | null;
}

const vector = (told: number[] | null): Vector | null => told && [told[0] ?? 0, told[1] ?? 0, told[2] ?? 0];

export function stackOf({ slices, spacing, row, column, isSigned: _, ...told }: ToldStack): DisplaySet[] {
  const frames = slices.map((one) =>
    aFrame({
      ...told,
      sopInstanceUid: `1.2.${one.number}`,
      instanceNumber: one.number,
      position: vector(one.position),
      row: vector(one.row ?? row),
      column: vector(one.column ?? column),
      pixelSpacing: (one.spacing ?? spacing) as Frame['pixelSpacing'],
      slope: one.slope,
      intercept: one.intercept,
      ...(one.frameOfReferenceUid ? { frameOfReferenceUid: one.frameOfReferenceUid } : {}),
    }),
  );
  return displaySetsOf(frames, 's', 't');
}

/** The same arithmetic on both sides; no two parts of a stack are alike. */
function storedIn({ rows, columns, isSigned }: ToldStack, number: number): Int16Array {
  const value = (row: number, column: number): number =>
    ((7 * column + 13 * row * row + column * row + 31 * number * number) % 251) - (isSigned ? 120 : 0);
  return Int16Array.from({ length: rows * columns }, (_, i) => value(Math.floor(i / columns), i % columns));
}

export function cutOf(told: ToldStack, plane: Plane, slab: Slab): Float32Array {
  const [set] = stackOf(told);
  const volume = set ? volumeOf(set) : 'too_few';
  if (!set || !isVolume(volume)) throw new Error(String(volume));
  const frames = volume.order.flatMap((index) => set.frames[index] ?? []);
  const voxels: Voxels = {
    pixels: frames.map((frame) => storedIn(told, frame.instanceNumber ?? 0)),
    slope: Float64Array.from(frames, (frame) => frame.slope),
    intercept: Float64Array.from(frames, (frame) => frame.intercept),
  };
  return cut(volume, voxels, plane, slab);
}
