import { describe, expect, it } from 'vitest';
import { aStack } from './builders';
import { calibrationOf } from './calibration';
import {
  cutSetOf,
  isCutImage,
  isCutSet,
  isUpright,
  nextThickness,
  planesThrough,
  rotated,
  turnedIn,
  UPRIGHT,
} from './cuts';
import type { Frame } from './metadata';
import { edgeLetters } from './orientation';
import type { Slab } from './reformat';
import { statisticsOf, valueAt, valueUnit } from './values';
import { cross, dot } from './vectors';
import { isVolume, volumeOf } from './volume';

const source = aStack([0, 4, 8, 12, 16, 20], {
  rows: 30,
  columns: 40,
  pixelSpacing: [1, 1],
  windows: [{ center: 40, width: 400, label: '' }],
  slope: 2,
  intercept: -1024,
});
const found = volumeOf(source);
if (!isVolume(found)) throw new Error(found);
const volume = found;
const STILL = { rotationDeg: 0, flipHorizontal: false, flipVertical: false };
const SINGLE: Slab = { mode: 'single', mm: 10 };
const wish = {
  orientation: 'coronal',
  axes: UPRIGHT.coronal,
  slab: SINGLE,
  point: [0, 0, 0],
  isTurned: false,
} as const;

describe('planes through a volume', () => {
  it.each([
    ['axial', [40, 30], 21, [0, 0, 0], [0, 0, 20], 'RLAP'],
    ['coronal', [40, 21], 30, [0, 0, 20], [0, 29, 20], 'RLHF'],
    ['sagittal', [30, 21], 40, [39, 0, 20], [0, 0, 20], 'APHF'],
  ] as const)('%s: as it is looked at, one voxel edge apart', (name, size, count, first, last, letters) => {
    const planes = planesThrough(volume, UPRIGHT[name], [0, 0, 0]);
    expect(planes.length).toBe(count);
    expect([planes[0]?.columns, planes[0]?.rows]).toEqual(size);
    expect(planes[0]?.origin.map((n) => n + 0)).toEqual(first);
    expect(planes.at(-1)?.origin.map((n) => n + 0)).toEqual(last);
    const edges = edgeLetters(UPRIGHT[name].row, UPRIGHT[name].column, STILL);
    expect(`${edges?.left}${edges?.right}${edges?.top}${edges?.bottom}`).toBe(letters);
  });

  it('one goes exactly through the point that was asked for', () => {
    const normal = cross(UPRIGHT.coronal.row, UPRIGHT.coronal.column);
    const planes = planesThrough(volume, UPRIGHT.coronal, [3, 7.3, 2]);
    expect(planes.some((plane) => Math.abs(dot(plane.origin, normal) - 7.3) < 1e-9)).toBe(true);
  });
});

describe('a cut stack', () => {
  const set = cutSetOf(source, volume, wish);
  const frame = set.frames[3] as Frame;

  it('is told from what a modality sent, and claims no instance', () => {
    expect(isCutSet(set)).toBe(true);
    expect(isCutSet(source)).toBe(false);
    expect(set.frames.every(({ imageId }) => isCutImage(imageId))).toBe(true);
    expect(isCutImage(source.frames[0]?.imageId ?? '')).toBe(false);
    expect([frame.sopInstanceUid, frame.instanceNumber]).toEqual(['', null]);
    expect(frame.imageType[0]).toBe('DERIVED');
  });

  it('has places, unit and window, so that it measures like any image', () => {
    expect(frame.position).toEqual([0, 3, 20]);
    expect(set.positionsMm[3]).toBe(3);
    expect(calibrationOf(frame)).toEqual({ kind: 'body', spacing: [1, 1] });
    expect([frame.slope, frame.intercept, valueUnit(frame)]).toEqual([1, 0, 'HU']);
    expect(frame.windows).toEqual(source.frames[0]?.windows);
    expect(frame.thicknessMm).toBeNull();
    const thick = cutSetOf(source, volume, { ...wish, slab: { mode: 'mip', mm: 20 } });
    expect(thick.frames[0]?.thicknessMm).toBe(20);
  });

  it('has the same name only for the same planes', () => {
    const ids = [
      set,
      cutSetOf(source, volume, { ...wish, slab: { mode: 'mip', mm: 10 } }),
      cutSetOf(source, volume, { ...wish, slab: { mode: 'mip', mm: 20 } }),
      cutSetOf(source, volume, { ...wish, slab: { mode: 'mean', mm: 20 } }),
      cutSetOf(source, volume, { ...wish, orientation: 'axial', axes: UPRIGHT.axial }),
      cutSetOf(source, volume, { ...wish, point: [0, 0.4, 0] }),
      cutSetOf(source, volume, { ...wish, axes: turnedIn(UPRIGHT, 'axial', 0.01).coronal }),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(cutSetOf(source, volume, wish).id).toBe(set.id);
  });

  it('is lossy when one of its slices is', () => {
    const lossy = { ...source, frames: source.frames.map((one, i) => ({ ...one, isLossy: i === 4 })) };
    expect(cutSetOf(lossy, volume, wish).frames.every((one) => one.isLossy)).toBe(true);
  });
});

it('a plane of a very large volume has coarser pixels and still spans it', () => {
  const wide = volumeOf(aStack([0, 1, 2, 3, 4], { rows: 40, columns: 3070, pixelSpacing: [1, 1] }));
  if (!isVolume(wide)) throw new Error(wide);
  const [plane] = planesThrough(wide, UPRIGHT.coronal, [0, 0, 0]);
  expect(plane?.columns).toBe(1024);
  expect(plane?.betweenColumns).toBeCloseTo(3, 12);
  expect(plane?.betweenRows).toBeCloseTo(3, 12);
  expect(plane?.rows).toBe(2);
});

it('a plane of a PET is told in SUV only when one factor holds for all its slices', () => {
  const factor = (value: number) => ({ kind: 'factor' as const, factor: value, isDecayCorrected: true });
  const of = (values: readonly number[]) =>
    cutSetOf(
      {
        ...source,
        frames: source.frames.map((one, i) => ({ ...one, suv: factor(values[i] ?? 2) as never })),
      },
      volume,
      wish,
    ).frames[0]?.suv;
  expect(of([2, 2, 2, 2, 2, 2])).toMatchObject({ kind: 'factor', factor: 2 });
  expect(of([2, 2, 2, 3, 2, 2])).toEqual({ kind: 'missing', lacks: ['uneven'] });
  expect(cutSetOf(source, volume, wish).frames[0]?.suv).toBeNull();
});

it('what has no value is in no statistic and under no probe', () => {
  const pixels = [1, Number.NaN, 3, Number.NaN];
  const grid = { rows: 2, columns: 2, valueAt: (i: number) => pixels[i] ?? Number.NaN };
  expect(statisticsOf(grid, () => [[0, 1]])).toEqual({ mean: 2, sd: 1, min: 1, max: 3, count: 2 });
  expect(statisticsOf(grid, () => [[1, 1]])).toBeNull();
  expect([valueAt(grid, [0, 0]), valueAt(grid, [1, 0])]).toEqual([1, null]);
});

describe('turning', () => {
  it('goes by the right hand', () => {
    expect(rotated([1, 0, 0], [0, 0, 1], Math.PI / 2)).toEqual([expect.closeTo(0), 1, 0]);
    expect(rotated([0, 1, 0], [1, 0, 0], Math.PI / 2)).toEqual([0, expect.closeTo(0), 1]);
  });

  it('leaves what lies along the axis, and every length', () => {
    expect(rotated([0, 0, 2], [0, 0, 1], 1.1)).toEqual([0, 0, 2]);
    const axis = [2 / 3, -1 / 3, 2 / 3] as const;
    const turned = rotated([3, 4, 12], axis, 0.7);
    expect(Math.hypot(...turned)).toBeCloseTo(13, 12);
    expect(dot(turned, axis)).toBeCloseTo(dot([3, 4, 12], axis), 12);
    expect(rotated(turned, axis, -0.7).map((n) => n + 0)).toEqual(
      [3, 4, 12].map((n) => expect.closeTo(n, 10)),
    );
  });

  it('takes both other planes along and leaves the one in hand', () => {
    const turn = turnedIn(UPRIGHT, 'axial', Math.PI / 6);
    expect(turn.axial).toEqual(UPRIGHT.axial);
    expect(turn.coronal.row).toEqual([expect.closeTo(Math.cos(Math.PI / 6)), expect.closeTo(0.5), 0]);
    const normals = Object.values(turn).map(({ row, column }) => cross(row, column));
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      expect(dot(normals[a] ?? [1, 0, 0], normals[b] ?? [1, 0, 0])).toBeCloseTo(0, 12);
    expect([isUpright(UPRIGHT), isUpright(turn), isUpright(turnedIn(turn, 'axial', -Math.PI / 6))]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

it('slabs grow and shrink along the list, and stop at its ends', () => {
  expect([3, 10, 12, 50].map((mm) => nextThickness(mm, 1))).toEqual([5, 15, 15, 50]);
  expect([3, 10, 12, 50].map((mm) => nextThickness(mm, -1))).toEqual([3, 5, 10, 30]);
});
