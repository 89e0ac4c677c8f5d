import { describe, expect, it } from 'vitest';
import { aFrame, aStack } from '../model/builders';
import type { Mark } from '../model/marks';
import type { Voxels } from '../model/reformat';
import type { DisplaySet } from '../model/stacks';
import type { Suv } from '../model/suv';
import { isVolume, type Volume, volumeOf } from '../model/volume';
import { nextTable, paintFused, TABLES, tableOf } from './colours';
import { nextTop } from './commands';
import { isRefused, minutesBetween, overlaysFor } from './pairing';
import { reachOf, regionValues } from './region';
import { type Lying, lyingOf, valueAtPoint, valuesAt } from './sampling';

const EVEN = [0, 3, 6, 9, 12, 15];
const pet = (change: object = {}, z: readonly number[] = EVEN, study = 'study'): DisplaySet => ({
  ...aStack(z, { modality: 'PT', petUnits: 'BQML', rows: 4, columns: 5, ...change }, study),
  id: JSON.stringify([change, z, study]),
});
const ct = aStack(EVEN, { modality: 'CT', rows: 8, columns: 8, pixelSpacing: [1, 1] });

describe('which stacks go together', () => {
  const suv: Suv = { kind: 'factor', factor: 2, from: 'stored', parts: null };
  const plain = pet();
  const told = pet({ suv }, EVEN);

  it('takes what is told in SUV before what is not, and the longer before the shorter', () => {
    const long = pet({}, [...EVEN, 18]);
    expect(overlaysFor(ct, [ct, plain, told, long])).toEqual([told, long, plain]);
  });

  it.each([
    ['a PET below', plain, [told], { why: 'base' }],
    ['nothing to lay over', ct, [ct], { why: 'none' }],
    ['only another study', ct, [pet({}, EVEN, 'another')], { why: 'none' }],
    ['another space', ct, [pet({ frameOfReferenceUid: '9.9' })], { why: 'space' }],
    [
      'no space',
      ct,
      [pet({ frameOfReferenceUid: null })],
      { why: 'overlay_shape', shape: 'frame_of_reference' },
    ],
    ['a gap', ct, [pet({}, [0, 3, 6, 15, 18, 21])], { why: 'overlay_shape', shape: 'gap' }],
    ['uneven steps', ct, [pet({}, [0, 3, 6.5, 9, 12, 15])], { why: 'overlay_shape', shape: 'uneven' }],
    ['few slices', ct, [pet({}, [0, 3, 6])], { why: 'overlay_shape', shape: 'too_few' }],
    ['a base with a gap', aStack([0, 3, 6, 15, 18, 21]), [plain], { why: 'base_shape', shape: 'gap' }],
  ] as const)('refuses %s', (_name, base, all, why) => {
    const found = overlaysFor(base, all);
    expect(isRefused(found)).toBe(true);
    expect(found).toEqual(why);
  });

  it('refuses a leaning stack', () => {
    const frames = EVEN.map((z, i) => aFrame({ imageId: `wadors:/${i}`, position: [0, z / 2, z] }));
    const leaning = { ...aStack(EVEN), id: 'leaning', frames, isTilted: true };
    expect(overlaysFor(leaning, [plain])).toEqual({ why: 'base_shape', shape: 'tilted' });
  });

  it('counts the minutes between the beginnings, and none where one is unknown', () => {
    const at = (from: number): DisplaySet => ({
      ...ct,
      frames: ct.frames.map((frame, i) => ({ ...frame, acquiredS: from + 60 * i })),
    });
    expect(minutesBetween(at(1000), at(1000 + 31 * 60))).toBe(31);
    expect(minutesBetween(at(3600), at(0))).toBe(-60);
    expect(minutesBetween(at(0), ct)).toBeNull();
  });
});

describe('colours', () => {
  const colour = (name: (typeof TABLES)[number], at: number): number[] => [
    ...tableOf(name).subarray(at * 3, at * 3 + 3),
  ];

  it.each([
    ['hot_iron', 64, [128, 0, 0]],
    ['hot_iron', 192, [255, 128, 4]],
    ['hot_metal_blue', 102, [50, 0, 200]],
    ['hot_metal_blue', 153, [190, 64, 0]],
    ['pet_20_step', 51, [80, 80, 128]],
    ['pet_20_step', 242, [255, 0, 0]],
    ['inverse_grey', 40, [215, 215, 215]],
  ] as const)('%s at %i is that of the standard', (name, at, rgb) => expect(colour(name, at)).toEqual(rgb));

  it('begin and end where the standard says, and follow each other in a circle', () => {
    expect(TABLES.map((name) => colour(name, 255))).toEqual([
      [255, 255, 255],
      [255, 255, 255],
      [255, 255, 255],
      [0, 0, 0],
    ]);
    expect(TABLES.map(nextTable)).toEqual([...TABLES.slice(1), TABLES[0]]);
  });

  it('are laid by the range; at its lower end, below it and where there is no value, nothing is', () => {
    const values = Float32Array.from([Number.NaN, -1, 0.5, 0.51, 1.5, 2.5, 99]);
    const rgba = new Uint8ClampedArray(values.length * 4);
    paintFused(values, 2, [1, 5], tableOf('hot_iron'), rgba);
    const alpha = [...values].map((_, i) => rgba[i * 4 + 3]);
    expect(alpha).toEqual([0, 0, 0, 255, 255, 255, 255]);
    expect([...rgba.subarray(16, 19)]).toEqual(colour('hot_iron', 128));
    expect([...rgba.subarray(20, 23)]).toEqual([255, 255, 255]);
    expect([...rgba.subarray(24, 27)]).toEqual([255, 255, 255]);
  });

  it.each([
    [5, 1, 10],
    [15, 1, 15],
    [7, 1, 10],
    [7, -1, 5],
    [5, -1, 5],
  ] as const)('from %d, a step of %i leads to %d', (top, way, next) =>
    expect(nextTop([5, 10, 15], top, way)).toBe(next),
  );
});

/** Values 100 k + 10 r + c at 2 mm rows, 3 mm columns, 4 mm slices, begun at (7, -5, 11). */
function aVolume(): { volume: Volume; voxels: Voxels } {
  const z = [0, 1, 2, 3, 4, 5].map((k) => 11 + 4 * k);
  const frames = z.map((at, i) =>
    aFrame({ imageId: `wadors:/v/${i}`, position: [7, -5, at], pixelSpacing: [2, 3], rows: 4, columns: 5 }),
  );
  const volume = volumeOf({ ...aStack(z), id: 'v', frames });
  if (!isVolume(volume)) throw new Error(volume);
  const pixels = z.map((_, k) =>
    Int16Array.from({ length: 20 }, (_, i) => 100 * k + 10 * Math.floor(i / 5) + (i % 5)),
  );
  const slope = Float64Array.from(z, (_, k) => 1 + k);
  return { volume, voxels: { pixels, slope, intercept: new Float64Array(6) } };
}

const lying = (change: Parameters<typeof aFrame>[0] = {}): Lying => {
  const frame = aFrame({ position: [7, -5, 15], pixelSpacing: [1, 1.5], rows: 8, columns: 10, ...change });
  const found = lyingOf({ ...ct, frames: [frame] }, frame);
  if (!found) throw new Error('It lies somewhere.');
  return found;
};

describe('sampling', () => {
  const { volume, voxels } = aVolume();

  it.each([
    ['on a voxel', [2, 2], 15, 2 * (100 + 10 + 1)],
    ['between columns', [1, 2], 15, 2 * (100 + 10 + 0.5)],
    ['between rows', [2, 1], 15, 2 * (100 + 5 + 1)],
    ['between slices', [2, 2], 16, 0.75 * 2 * 111 + 0.25 * 3 * 211],
    ['at the last column and row', [8, 6], 15, 2 * 134],
  ] as const)('is straight between voxels: %s', (_name, at, z, wanted) => {
    const here = lying({ position: [7, -5, z] });
    expect(valueAtPoint(volume, voxels, here, at)).toBeCloseTo(wanted, 3);
    expect(valuesAt(volume, voxels, here)[at[1] * 10 + at[0]]).toBeCloseTo(wanted, 3);
  });

  it('has no value outside the centres of the outermost voxels', () => {
    for (const at of [
      [-0.1, 2],
      [8.1, 2],
      [2, -0.1],
      [2, 6.1],
    ] as const)
      expect(valueAtPoint(volume, voxels, lying(), at)).toBeNull();
    expect(valueAtPoint(volume, voxels, lying({ position: [7, -5, 10.9] }), [2, 2])).toBeNull();
    expect(valueAtPoint(volume, voxels, lying({ position: [7, -5, 31.1] }), [2, 2])).toBeNull();
  });
});

describe('what a region encloses', () => {
  const { volume, voxels } = aVolume();
  const mark = (kind: Mark['kind'], points: Mark['points'], isClosed = true): Mark => ({
    id: 'm',
    kind,
    imageId: 'i',
    points,
    isClosed,
  });
  /* Columns 2 and 4 of the picture are voxel columns 1 and 2, its rows 2 and 4 voxel rows 1 and 2. */
  const box = mark('rectangle', [
    [1.9, 1.9],
    [4.1, 1.9],
    [1.9, 4.1],
    [4.1, 4.1],
  ]);

  it('is told of the voxels of one layer, by their own rescale', () => {
    const found = regionValues(volume, voxels, lying(), box, 10);
    expect(found).toEqual({ max: 10 * 2 * 122, mean: 10 * 2 * 116.5, count: 4, reachMm: 2 });
  });

  it('leaves out what lies on the right or lower edge and takes what lies on the left or upper one', () => {
    const edges = mark('rectangle', [
      [2, 2],
      [4, 2],
      [2, 4],
      [4, 4],
    ]);
    expect(regionValues(volume, voxels, lying(), edges, 1)?.count).toBe(1);
  });

  it('takes the layers within half a voxel: both, exactly between two', () => {
    expect(regionValues(volume, voxels, lying({ position: [7, -5, 16.9] }), box, 1)?.max).toBe(2 * 122);
    expect(regionValues(volume, voxels, lying({ position: [7, -5, 17] }), box, 1)?.count).toBe(8);
    expect(regionValues(volume, voxels, lying({ position: [7, -5, 17.1] }), box, 1)?.max).toBe(3 * 222);
  });

  it('is as thick as the slab where that is thicker', () => {
    const thick: Lying = { ...lying(), slab: { mode: 'mip', mm: 9 } };
    expect(reachOf(volume, thick)).toBe(4.5);
    expect(regionValues(volume, voxels, thick, box, 1)).toMatchObject({ count: 12, max: 3 * 222 });
  });

  it('is cut the same way on a plane that stands upright', () => {
    const coronal = lying({
      row: [1, 0, 0],
      column: [0, 0, -1],
      position: [7, -3, 31],
      pixelSpacing: [1, 1],
    });
    expect(reachOf(volume, coronal)).toBe(1);
    const found = regionValues(
      volume,
      voxels,
      coronal,
      mark('rectangle', [
        [-0.1, -0.1],
        [3.1, -0.1],
        [-0.1, 4.1],
        [3.1, 4.1],
      ]),
      1,
    );
    expect(found).toMatchObject({ count: 4, max: 6 * 511 });
  });

  it('knows an ellipse and a closed outline, and nothing of what encloses nothing', () => {
    const round = mark('ellipse', [
      [4, 6],
      [4, 2],
      [2, 4],
      [6, 4],
    ]);
    expect(regionValues(volume, voxels, lying(), round, 1)?.count).toBe(5);
    const outline: Mark['points'] = [
      [1.9, 1.9],
      [4.3, 1.9],
      [1.9, 4.3],
    ];
    expect(regionValues(volume, voxels, lying(), mark('freehand', outline), 1)?.count).toBe(3);
    expect(regionValues(volume, voxels, lying(), mark('freehand', outline, false), 1)).toBeNull();
    expect(regionValues(volume, voxels, lying(), mark('length', outline), 1)).toBeNull();
    expect(regionValues(volume, voxels, lying({ position: [7, -5, 60] }), box, 1)).toBeNull();
  });
});
