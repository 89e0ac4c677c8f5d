import { describe, expect, it } from 'vitest';
import { directionLetters, edgeLetters } from './orientation';

const upright = { rotationDeg: 0, flipHorizontal: false, flipVertical: false };

describe('letters', () => {
  it.each([
    [[1, 0, 0], 'L'],
    [[-1, 0, 0], 'R'],
    [[0, 1, 0], 'P'],
    [[0, -1, 0], 'A'],
    [[0, 0, 1], 'H'],
    [[0, 0, -1], 'F'],
    [[-0.9, 0.43, 0], 'RP'],
    [[0.43, -0.9, 0], 'AL'],
    [[0.2, 0, -0.98], 'FL'],
    [[0.5, 0.6, 0.62], 'HP'],
    [[0.99, 0.1, 0], 'L'],
    [[0.99, 0.19, 0], 'L'],
  ] as const)('%j is %s', (direction, letters) => {
    expect(directionLetters(direction)).toBe(letters);
  });
});

describe('edges of the picture', () => {
  it('axial: the patient’s left is on the right side of the screen', () => {
    expect(edgeLetters([1, 0, 0], [0, 1, 0], upright)).toEqual({
      left: 'R',
      right: 'L',
      top: 'A',
      bottom: 'P',
    });
  });

  it('sagittal and coronal have the head on top', () => {
    expect(edgeLetters([0, 1, 0], [0, 0, -1], upright)).toEqual({
      left: 'A',
      right: 'P',
      top: 'H',
      bottom: 'F',
    });
    expect(edgeLetters([1, 0, 0], [0, 0, -1], upright)).toEqual({
      left: 'R',
      right: 'L',
      top: 'H',
      bottom: 'F',
    });
  });

  it('turn and mirror with the picture', () => {
    const turned = edgeLetters([1, 0, 0], [0, 1, 0], { ...upright, rotationDeg: 90 });
    expect(turned).toEqual({ top: 'R', right: 'A', bottom: 'L', left: 'P' });
    expect(edgeLetters([1, 0, 0], [0, 1, 0], { ...upright, flipHorizontal: true })?.right).toBe('R');
  });

  it.each([
    [0, 'RLAP'],
    [0.9, 'RLAP'],
    [90, 'PARL'],
    [180, 'LRPA'],
    [270, 'APLR'],
    [-90, 'APLR'],
    [359.5, 'RLAP'],
    [450, 'PARL'],
  ])('by %i degrees they stand left, right, top and bottom as %s', (rotationDeg, wanted) => {
    const found = edgeLetters([1, 0, 0], [0, 1, 0], { ...upright, rotationDeg });
    expect(found && [found.left, found.right, found.top, found.bottom].join('')).toBe(wanted);
  });

  it('of a picture flipped and then turned follow both', () => {
    const flipped = { rotationDeg: 90, flipHorizontal: false, flipVertical: true };
    expect(edgeLetters([1, 0, 0], [0, 1, 0], flipped)).toEqual({
      left: 'A',
      right: 'P',
      top: 'R',
      bottom: 'L',
    });
  });

  it('are left out rather than guessed', () => {
    expect(edgeLetters(null, null, upright)).toBeNull();
    expect(edgeLetters([1, 0, 0], null, upright)).toBeNull();
    expect(edgeLetters(null, [0, 1, 0], upright)).toBeNull();
    for (const rotationDeg of [37, 1.2, 88.8, -1.2])
      expect(edgeLetters([1, 0, 0], [0, 1, 0], { ...upright, rotationDeg })).toBeNull();
  });
});
