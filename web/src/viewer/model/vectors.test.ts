import { expect, it } from 'vitest';
import { angleBetween, type Vector } from './vectors';

it.each([
  [[1, 0, 0], [0, 1, 0], 90],
  [[1, 0, 0], [-1, 0, 0], 180],
  [[1, 0, 0], [1, 1, 0], 45],
] as const)('the angle between %j and %j is %i°', (a, b, wanted) => {
  expect(angleBetween(a, b)).toBeCloseTo(wanted, 9);
});

it('a direction is at no angle to itself, however it was rounded', () => {
  for (let i = 1; i <= 500; i += 1) {
    const one: Vector = [Math.sin(i), Math.cos(i * 1.7), Math.sin(i * 0.3)];
    expect(angleBetween(one, one)).toBeLessThan(1e-4);
  }
});
