import { expect, it } from 'vitest';
import type { Point } from './calibration';
import { mirroredAcross, mirroredDown, stepsOf, type Turn, turnedLeft, turnedRight, turnOf } from './turn';

const EVERY: Turn[] = ([0, 90, 180, 270] as const).flatMap((rotationDeg) =>
  [false, true].map((isMirrored) => ({ rotationDeg, isMirrored })),
);
const opposite = ([a, b]: Point): Point => [0 - a, 0 - b];

it.each(EVERY)('is found again from where its steps lead: %o', (turn) => {
  const { right, down } = stepsOf(turn);
  expect(turnOf(right, down)).toEqual(turn);
});

it.each(EVERY)('does on screen what its name says: %o', (turn) => {
  const now = stepsOf(turn);
  expect(stepsOf(mirroredAcross(turn))).toEqual({ right: opposite(now.right), down: now.down });
  expect(stepsOf(mirroredDown(turn))).toEqual({ right: now.right, down: opposite(now.down) });
  expect(stepsOf(turnedRight(turn))).toEqual({ right: opposite(now.down), down: now.right });
  expect(turnedLeft(turnedRight(turn))).toEqual(turn);
});

it('is unknown when the picture stands aslant or lies flat', () => {
  expect(turnOf([1, 0.1], [-0.1, 1])).toBeNull();
  expect(turnOf([1, 0], [1, 0])).toBeNull();
  expect(turnOf([0, 0], [0, 0])).toBeNull();
  expect(turnOf([1.7, 0.001], [0, 3])).toEqual({ rotationDeg: 0, isMirrored: false });
});
