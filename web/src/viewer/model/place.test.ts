import { expect, it } from 'vitest';
import { coarseMatrix, type Place } from './place';

/** Where the centre of a coarse pixel comes to lie. */
function centre(matrix: string, column: number, row: number): [number, number] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = matrix.slice(7, -1).split(',').map(Number);
  const [x, y] = [column + 0.5, row + 0.5];
  return [a * x + c * y + e, b * x + d * y + f];
}

const SQUARE = { rows: 512, columns: 512 };

it.each<[string, Place, number, [number, number], [number, number]]>([
  ['shown one to one', { corner: [0, 0], row: [512, 0], column: [0, 512] }, 2, [0, 0], [0.5, 0.5]],
  ['further in', { corner: [0, 0], row: [512, 0], column: [0, 512] }, 2, [10, 20], [40.5, 80.5]],
  ['zoomed and moved', { corner: [-100, 50], row: [1024, 0], column: [0, 1024] }, 2, [10, 20], [-19, 211]],
  ['turned by a quarter', { corner: [512, 0], row: [0, 512], column: [-512, 0] }, 3, [2, 4], [479.5, 16.5]],
  ['flipped', { corner: [512, 0], row: [-512, 0], column: [0, 512] }, 1, [3, 0], [505.5, 0.5]],
])('lays each coarse pixel over the pixel it was: %s', (_, place, skip, [column, row], wanted) => {
  const [x, y] = centre(coarseMatrix(place, SQUARE, skip), column, row);

  expect(x).toBeCloseTo(wanted[0]);
  expect(y).toBeCloseTo(wanted[1]);
});
