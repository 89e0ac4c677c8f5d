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
    [[0.99, 0.1, 0], 'L'],
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

  it('are left out rather than guessed', () => {
    expect(edgeLetters(null, null, upright)).toBeNull();
    expect(edgeLetters([1, 0, 0], [0, 1, 0], { ...upright, rotationDeg: 37 })).toBeNull();
  });
});
