/** Values of the one volume at the places of the other's pictures. */
import type { Point } from '../model/calibration';
import { isCutSet } from '../model/cuts';
import { pointOf } from '../model/lines';
import type { Frame } from '../model/metadata';
import { cut, type Plane, type Slab, type Voxels } from '../model/reformat';
import type { DisplaySet } from '../model/stacks';
import type { Volume } from '../model/volume';

const SINGLE: Slab = { mode: 'single', mm: 0 };

/** Where a picture lies, and how thick it is. */
export interface Lying {
  frame: Frame;
  plane: Plane;
  slab: Slab;
}

/** A plane that was cut is as thick as it was cut; a slice of the modality is taken where its middle lies. */
export function lyingOf(set: DisplaySet, frame: Frame): Lying | null {
  const { position: origin, row, column, pixelSpacing, rows, columns } = frame;
  if (!origin || !row || !column || !pixelSpacing) return null;
  const [betweenRows, betweenColumns] = pixelSpacing;
  return {
    frame,
    plane: { origin, row, column, betweenRows, betweenColumns, rows, columns },
    slab: isCutSet(set) ? set.cut.slab : SINGLE,
  };
}

/** At the centre of every pixel, straight between the eight voxels around it; no number outside the volume. */
export const valuesAt = (volume: Volume, voxels: Voxels, { plane, slab }: Lying): Float32Array =>
  cut(volume, voxels, plane, slab);

/** At any place of the picture. */
export function valueAtPoint(volume: Volume, voxels: Voxels, lying: Lying, at: Point): number | null {
  const origin = pointOf(lying.frame, at);
  if (!origin) return null;
  const value = cut(volume, voxels, { ...lying.plane, origin, rows: 1, columns: 1 }, lying.slab)[0];
  return value === undefined || Number.isNaN(value) ? null : value;
}
