/** On which side of a mammogram the chest wall is, and how far it is from the edge it should stand at. */
import type { Place } from '../model/place';
import { plain } from './words';

export type Wall = 'left' | 'right' | null;

/**
 * By Patient Orientation (0020,0020), whose first value says where the rows lead to. Only a breast whose wall is where its side hangs
 * (right breast, wall on the right) is moved; no picture is mirrored to make it so.
 */
export function wallOf(orientation: string, laterality: 'L' | 'R' | null): Wall {
  const leads = plain(orientation)[0];
  if (laterality === 'R' && leads === 'P') return 'right';
  return laterality === 'L' && leads === 'A' ? 'left' : null;
}

/** Pixels of the screen to the right; none for a picture that is turned or larger than its pane. */
export function shiftToEdge({ corner, row }: Place, width: number, wall: Wall): number {
  if (!wall || Math.abs(row[1]) > 0.5 || row[0] <= 0 || row[0] > width) return 0;
  return wall === 'right' ? width - (corner[0] + row[0]) : -corner[0];
}
