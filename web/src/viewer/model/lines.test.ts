import { describe, expect, it } from 'vitest';
import { aFrame, aStack } from './builders';
import { isWithinReach, lineIn, meetingPoint, nearestSlice, pixelOf, pointOf, sharesSpace } from './lines';
import type { Frame } from './metadata';
import type { DisplaySet } from './stacks';

/** 100 × 80 pixels of 2 mm across and 3 mm down. */
const axial = aFrame({ position: [-10, -20, 50], pixelSpacing: [3, 2], rows: 80, columns: 100 });
const coronal = aFrame({
  position: [-10, 40, 90],
  row: [1, 0, 0],
  column: [0, 0, -1],
  pixelSpacing: [1, 1],
  rows: 60,
  columns: 120,
});
const sagittal = aFrame({
  position: [30, -20, 90],
  row: [0, 1, 0],
  column: [0, 0, -1],
  pixelSpacing: [1, 1],
  rows: 60,
  columns: 300,
});

const onBoth = (view: Frame, other: Frame): void => {
  const ends = lineIn(view, other);
  expect(ends).not.toBeNull();
  for (const end of ends ?? []) {
    const point = pointOf(view, end);
    expect(point && pixelOf(other, point)?.awayMm).toBeCloseTo(0, 9);
  }
};

describe('the line along which another picture cuts this one', () => {
  it('lies where both planes are, and ends where the smaller picture ends', () => {
    const ends = lineIn(axial, coronal);
    expect(ends?.map(([, row]) => row)).toEqual([20, 20]);
    expect(ends?.map(([column]) => column).sort((a, b) => a - b)).toEqual([-0.25, 59.75]);
    const upright = lineIn(axial, sagittal);
    expect(upright?.map(([column]) => column)).toEqual([20, 20]);
    expect(upright?.map(([, row]) => row).sort((a, b) => a - b)).toEqual(
      [-0.5 / 3, 79.5].map((n) => expect.closeTo(n)),
    );
  });

  it('is on both planes whichever way they lie', () => {
    const s = Math.SQRT1_2;
    const oblique = aFrame({
      position: [-40, -10, 30],
      row: [s, s, 0],
      column: [0.5, -0.5, s],
      rows: 200,
      columns: 200,
    });
    for (const [a, b] of [
      [axial, oblique],
      [oblique, axial],
      [coronal, oblique],
      [oblique, sagittal],
    ] as const)
      onBoth(a, b);
  });

  it('is none where pictures are parallel, do not reach each other or have no place', () => {
    expect(lineIn(axial, aFrame({ position: [0, 0, 60] }))).toBeNull();
    expect(lineIn(axial, { ...coronal, position: [-10, 40, 40] })).toBeNull();
    expect(lineIn(axial, { ...coronal, position: null })).toBeNull();
    expect(lineIn(axial, { ...coronal, pixelSpacing: null })).toBeNull();
    const nearly = Math.PI / 60;
    const column = [0, Math.cos(nearly), Math.sin(nearly)] as const;
    expect(lineIn(axial, aFrame({ position: [-10, -20, 49], column }))).toBeNull();
  });
});

it('a pixel and its point of the patient are each other', () => {
  expect(pointOf(axial, [5, 7])).toEqual([0, 1, 50]);
  expect(pixelOf(axial, [0, 1, 53])).toEqual({ pixel: [5, 7], awayMm: 3 });
  expect(pointOf(coronal, [5, 7])).toEqual([-5, 40, 83]);
  expect(pixelOf(axial, pointOf(axial, [0, 0]) ?? [0, 0, 0])?.pixel.map((n) => n + 0)).toEqual([0, 0]);
  expect(pixelOf(coronal, [-5, 38, 83])).toEqual({ pixel: [5, 7], awayMm: -2 });
});

it('three planes meet in one point', () => {
  expect(meetingPoint([axial, coronal, sagittal])).toEqual([30, 40, 50]);
  expect(meetingPoint([axial, axial, sagittal])).toBeNull();
});

describe('stacks of one space', () => {
  const stack = aStack([0, 5, 10, 15]);

  it('are of one study and one Frame of Reference, which is named', () => {
    expect(sharesSpace(stack, aStack([2, 3], {}))).toBe(true);
    expect(sharesSpace(stack, aStack([2, 3], {}, 'another study'))).toBe(false);
    expect(sharesSpace(stack, aStack([2, 3], { frameOfReferenceUid: '9.9' }))).toBe(false);
    expect(
      sharesSpace(
        aStack([2, 3], { frameOfReferenceUid: null }),
        aStack([2, 3], { frameOfReferenceUid: null }),
      ),
    ).toBe(false);
  });

  it('show a point on the nearest slice, if that is near enough', () => {
    expect(nearestSlice(stack, [0, 0, 11])).toEqual({ index: 2, awayMm: 1 });
    expect(nearestSlice(aStack([15, 10, 5, 0]), [0, 0, 11])).toEqual({ index: 1, awayMm: 1 });
    const near = (z: number) => {
      const found = nearestSlice(stack, [0, 0, z]);
      return found !== null && isWithinReach(stack, found);
    };
    expect([-2.6, -2.4, 17.4, 17.6].map(near)).toEqual([false, true, true, false]);
  });

  it('reach half as far as their slices are apart or thick, whichever is more', () => {
    const reach = (set: DisplaySet): number[] =>
      [1.4, 1.6, 2.4, 2.6, 3.9, 4.1].filter((awayMm) => isWithinReach(set, { index: 0, awayMm: -awayMm }));
    const unspaced = { ...stack, spacingMm: null };
    expect(reach({ ...unspaced, positionsMm: [0, 3, 6, 20] })).toEqual([1.4]);
    expect(reach({ ...unspaced, positionsMm: [20, 6, 1, -4] })).toEqual([1.4, 1.6, 2.4]);
    expect(reach(aStack([0, 3, 6, 9], { thicknessMm: 8 }))).toEqual([1.4, 1.6, 2.4, 2.6, 3.9]);
    expect(reach({ ...aStack([0]), spacingMm: null })).toEqual([]);
  });

  it('have no nearest slice where they have no order of place', () => {
    expect(nearestSlice({ ...stack, normal: null }, [0, 0, 1])).toBeNull();
    expect(nearestSlice({ ...stack, positionsMm: [0, 5] }, [0, 0, 1])).toBeNull();
  });
});
