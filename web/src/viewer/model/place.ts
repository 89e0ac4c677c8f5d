/** Where a picture lies in its pane. */
import type { Point } from './calibration';

/** In CSS pixels from the pane's top left: the outer corner of the first pixel, and the ways along the whole first row and column. */
export interface Place {
  corner: Point;
  row: Point;
  column: Point;
}

/**
 * CSS matrix that lays a coarse picture, one CSS pixel a pixel, exactly over the picture it was taken from. With `skip`
 * resolutions left out, a coarse pixel stands at every 2^skip-th pixel, and there at the pixel's own centre: the low band of a
 * wavelet keeps the even samples (ITU-T T.800 F.3), it does not average blocks. So it reaches further left than right of it.
 */
export function coarseMatrix(place: Place, frame: { rows: number; columns: number }, skip: number): string {
  const step = 2 ** skip;
  const before = (step - 1) / 2;
  const along = (axis: 0 | 1): [number, number] => [
    place.row[axis] / frame.columns,
    place.column[axis] / frame.rows,
  ];
  const [[rowX, columnX], [rowY, columnY]] = [along(0), along(1)];
  const left = place.corner[0] - before * (rowX + columnX);
  const top = place.corner[1] - before * (rowY + columnY);
  return `matrix(${[rowX * step, rowY * step, columnX * step, columnY * step, left, top].join(', ')})`;
}
