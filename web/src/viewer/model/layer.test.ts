import { expect, it } from 'vitest';
import { aFrame, aPicture } from './builders';
import { paintOverlay, paintPadding, paintShades, paintShutter, shadeOf, shadeThrough } from './layer';
import { cleaned, pictureOf, samplesOf, shutterOf } from './picture';
import { gridOf } from './values';

const one = (...Value: unknown[]) => ({ vr: 'IS', Value });
const clear = (rows: number, columns: number) => new Uint8ClampedArray(rows * columns * 4);
const covered = (rgba: Uint8ClampedArray): number[] =>
  [...rgba].filter((_, i) => i % 4 === 3).map((a) => a / 255);

it.each([
  ['LINEAR', 128, 257, [0, 128, 256], [0.5, 128, 255]],
  ['LINEAR_EXACT', 128, 256, [0, 128, 256], [0, 127.5, 255]],
  ['LINEAR_EXACT', 1, 0.5, [0.75, 1, 1.25], [0, 127.5, 255]],
  ['SIGMOID', 100, 50, [100, 0, 125], [127.5, 255 / (1 + Math.exp(8)), 255 / (1 + Math.exp(-2))]],
] as const)('lays %s as the standard says', (name, center, width, values, shades) => {
  const shade = shadeOf(name, center, width);
  values.forEach((value, i) => {
    expect(shade(value)).toBeCloseTo(shades[i] ?? 0, 0);
  });
});

it('fills the bits a table says, or the byte it uses', () => {
  const wide = shadeThrough({ first: 5, bits: 12, entries: Uint16Array.from([0, 2048, 4095]) });
  expect([4, 5, 6, 7, 8].map((value) => Math.round(wide(value)))).toEqual([0, 0, 128, 255, 255]);
  const narrow = shadeThrough({ first: 0, bits: 16, entries: Uint16Array.from([0, 255]) });
  expect(narrow(1)).toBe(255);
});

it('paints values after their rescale, either way round', () => {
  const frame = aFrame({ rows: 1, columns: 3, slope: 2, intercept: -10 });
  const decoded = { pixels: Int16Array.from([0, 5, 10]), rows: 1, columns: 3, applied: null };
  const rgba = clear(1, 3);
  paintShades(frame, decoded, (value) => value + 10, false, rgba);
  expect([...rgba]).toEqual([0, 0, 0, 255, 10, 10, 10, 255, 20, 20, 20, 255]);
  paintShades(frame, decoded, (value) => value + 10, true, rgba);
  expect([rgba[0], rgba[4], rgba[8]]).toEqual([255, 245, 235]);
});

it('padding is covered and counts nowhere, also after a rescale', () => {
  const frame = aFrame({
    rows: 1,
    columns: 4,
    slope: 0.1,
    intercept: -3,
    picture: aPicture({ padding: { low: -2000, high: -1990 } }),
  });
  const values = Float32Array.from([-2000, -1990, -1989, 7], (stored) => stored * 0.1 - 3);
  const decoded = { pixels: values, rows: 1, columns: 4, applied: { slope: 0.1, intercept: -3 } };
  const rgba = clear(1, 4);
  expect(paintPadding(frame, decoded, rgba)).toBe(true);
  expect(covered(rgba)).toEqual([1, 1, 0, 0]);
  const grid = gridOf(frame, decoded);
  expect(typeof grid === 'string' ? grid : [0, 1, 2, 3].map((i) => Number.isNaN(grid.valueAt(i)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it.each([
  [
    'a rectangle',
    {
      '00181600': one('RECTANGULAR'),
      '00181602': one(2),
      '00181604': one(3),
      '00181606': one(2),
      '00181608': one(2),
    },
    [1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1],
  ],
  [
    'a circle',
    { '00181600': one('CIRCULAR'), '00181610': one(2, 2), '00181612': one(1) },
    [1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1],
  ],
  [
    'a polygon',
    { '00181600': one('POLYGONAL'), '00181620': one(1, 1, 1, 3, 3, 3, 3, 1) },
    [0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1],
  ],
])('%s of a shutter leaves only its inside', (_, json, wanted) => {
  const shutter = shutterOf(json);
  const rgba = clear(3, 4);
  if (shutter) paintShutter(shutter, 3, 4, rgba);
  expect(covered(rgba)).toEqual(wanted);
});

it('a shutter that makes no sense is none, one of another kind is named', () => {
  expect(shutterOf({ '00181600': one('RECTANGULAR') })).toBeNull();
  expect(pictureOf({ '00181600': one('BITMAP') }).hasOtherShutter).toBe(true);
});

it('an overlay lies where its origin says, frame by frame', () => {
  const source = {
    rows: 2,
    columns: 2,
    top: 1,
    left: -1,
    frames: 2,
    firstFrame: 3,
    data: { kind: 'numbers' as const, numbers: [] },
  };
  const bits = Uint8Array.from([0b1001_1110]);
  const frame = { rows: 3, columns: 3, frameNumber: 3 };
  const rgba = clear(3, 3);
  paintOverlay(source, bits, frame, rgba);
  expect(covered(rgba)).toEqual([0, 0, 0, 1, 0, 0, 1, 0, 0]);
  const second = clear(3, 3);
  paintOverlay(source, bits, { ...frame, frameNumber: 4 }, second);
  expect(covered(second)).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0]);
  paintOverlay(source, bits, { ...frame, frameNumber: 5 }, second);
  expect(covered(second)).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0]);
});

it.each([
  [
    'an overlay above the pixels',
    { bitsStored: 12, highBit: 11, isSigned: false },
    [0x8fff, 0x1001],
    [0xfff, 1],
  ],
  ['a sign below the top', { bitsStored: 12, highBit: 11, isSigned: true }, [0x0800, 0x17ff], [-2048, 2047]],
  [
    'pixels at the top of the word',
    { bitsStored: 12, highBit: 15, isSigned: false },
    [0xfff7, 0x0010],
    [0xfff, 1],
  ],
  ['whole words', { bitsStored: 16, highBit: 15, isSigned: true }, [0xffff, 5], [-1, 5]],
])('takes off what is no pixel: %s', (_, change, words, wanted) => {
  const facts = aPicture({ bitsAllocated: 16, ...change });
  const bytes = new Uint8Array(Uint16Array.from(words).buffer);
  expect([...samplesOf(cleaned(bytes, facts), facts)]).toEqual(wanted);
});
