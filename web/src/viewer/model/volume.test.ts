import { describe, expect, it } from 'vitest';
import { aFrame, aStack } from './builders';
import type { Frame } from './metadata';
import { displaySetsOf } from './stacks';
import type { Vector } from './vectors';
import { isVolume, latticeOf, type Volume, volumeOf } from './volume';

const Z = Array.from({ length: 10 }, (_, i) => i * 5);

function made(z: readonly number[], change: Partial<Frame> = {}): Volume {
  const volume = volumeOf(aStack(z, change));
  if (!isVolume(volume)) throw new Error(volume);
  return volume;
}

describe('what is no volume says why', () => {
  const tilted = (i: number): Partial<Frame> => ({ position: [0, 0, i], pixelSpacing: [1, 1 + i] });
  const one = (change: (i: number) => Partial<Frame>) =>
    displaySetsOf(
      Z.map((z, i) => aFrame({ instanceNumber: i + 1, position: [0, 0, z], ...change(i) })),
      's',
      't',
    )[0] ?? aStack([0]);
  const cases = [
    ['too few', aStack([0, 5, 10, 15]), 'too_few'],
    ['no positions', aStack(Z, { position: null }), 'unordered'],
    ['one place twice', aStack([...Z, 45]), 'duplicated'],
    ['colour', aStack(Z, { isColour: true }), 'colour'],
    ['a modality table', aStack(Z, { hasModalityLut: true }), 'values'],
    ['no spacing', aStack(Z, { pixelSpacing: null }), 'no_spacing'],
    ['a spacing of nothing', aStack(Z, { pixelSpacing: [0, 1] }), 'no_spacing'],
    [
      'different spacings',
      one((i) => ({ ...tilted(0), position: [0, 0, i], pixelSpacing: [1, i ? 1 : 2] })),
      'mixed',
    ],
    ['slices that turn', one((i) => ({ row: [1, 0.004 * i, 0] as Vector })), 'orientation'],
    ['a skewed slice', aStack(Z, { column: [0.1, 1, 0] }), 'orientation'],
    ['two spaces', one((i) => ({ frameOfReferenceUid: i > 4 ? '1.2' : '1.3' })), 'frame_of_reference'],
    ['no space', aStack(Z, { frameOfReferenceUid: null }), 'frame_of_reference'],
    ['a shadow', aStack(Z, { modality: 'XA' }), 'projection'],
    ['ultrasound', aStack(Z, { modality: 'US' }), 'projection'],
    ['a scout', aStack(Z, { imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }), 'projection'],
  ] as const;

  it('five slices are enough', () => {
    expect(isVolume(volumeOf(aStack([0, 5, 10, 15, 20])))).toBe(true);
  });

  it('a position or a direction that one slice lacks', () => {
    expect(volumeOf(one((i) => (i === 3 ? { position: null } : {})))).toBe('unordered');
    const unturned = aStack(Z);
    const lacking = (change: Partial<Frame>) =>
      volumeOf({
        ...unturned,
        frames: unturned.frames.map((frame, i) => (i === 3 ? { ...frame, ...change } : frame)),
      });
    expect([lacking({ row: null }), lacking({ column: null })]).toEqual(['orientation', 'orientation']);
    expect(volumeOf({ ...unturned, order: 'instance_number' })).toBe('unordered');
  });

  it('spacings that differ by more than a ten-thousandth', () => {
    const of = (mm: number) => one((i) => ({ pixelSpacing: [1, i === 4 ? mm : 1] }));
    expect([isVolume(volumeOf(of(1.00009))), volumeOf(of(1.0002)), volumeOf(of(0.9998))]).toEqual([
      true,
      'mixed',
      'mixed',
    ]);
  });

  it('slices closer than a thousandth of a millimetre', () => {
    const [near, apart] = [
      [0, 5, 5.0009, 10, 15, 20],
      [0, 5, 5.0012, 10, 15, 20],
    ].map((z) => volumeOf(aStack(z)));
    expect(near).toBe('duplicated');
    expect(apart).not.toBe('duplicated');
  });

  it.each(cases)('%s', (_, set, why) => {
    expect(volumeOf(set)).toBe(why);
  });
});

describe('what a reader must know', () => {
  it('nothing about an even, upright stack, from whichever end it was taken', () => {
    for (const z of [Z, [...Z].reverse()]) {
      const volume = made(z);
      expect(volume.cautions).toEqual([]);
      expect(volume.missing).toEqual([]);
      expect([...volume.at]).toEqual(Z);
      expect(volume.stepMm).toBe(5);
    }
  });

  it('how far the gantry leans', () => {
    const frames = Z.map((z, i) => aFrame({ instanceNumber: i + 1, position: [0, z * Math.tan(0.3), z] }));
    const volume = volumeOf(displaySetsOf(frames, 's', 't')[0] ?? aStack([]));
    if (!isVolume(volume)) throw new Error(volume);
    expect(volume.cautions).toEqual([{ kind: 'tilted', degrees: expect.closeTo((0.3 * 180) / Math.PI, 6) }]);
  });

  it('uneven steps, when none is missing', () => {
    expect(made([0, 5, 10, 15, 20, 26, 31]).cautions).toEqual([{ kind: 'uneven', leastMm: 5, mostMm: 6 }]);
  });

  it('how many slices are missing, and where', () => {
    const volume = made([0, 5, 10, 25, 30, 35, 40, 50]);
    expect(volume.missing).toEqual([
      { count: 2, fromMm: 15, toMm: 20 },
      { count: 1, fromMm: 45, toMm: 45 },
    ]);
    expect(volume.cautions).toEqual([]);
    expect(volume.isBridged).toEqual([true, true, false, true, true, true, false]);
  });
});

describe('a point of the patient in voxels', () => {
  it('counts columns, rows and slices each along its own axis', () => {
    const volume = made(Z, { pixelSpacing: [2, 0.5] });
    expect(latticeOf(volume, [10, 0, 0])).toEqual([20, 0, 0]);
    expect(latticeOf(volume, [0, 10, 0])).toEqual([0, 5, 0]);
    expect(latticeOf(volume, [0, 0, 10])).toEqual([0, 0, 2]);
  });

  it('follows slices that step sideways and unevenly', () => {
    const z = [0, 1, 3, 4, 6, 7];
    const frames = z.map((at, i) => aFrame({ instanceNumber: i + 1, position: [at, -2 * at, at] }));
    const volume = volumeOf(displaySetsOf(frames, 's', 't')[0] ?? aStack([]));
    if (!isVolume(volume)) throw new Error(volume);
    expect(latticeOf(volume, [2 + 7, -4 + 9, 2])).toBeNull();
    const open = { ...volume, isBridged: volume.isBridged.map(() => true) };
    expect(latticeOf(open, [2 + 7, -4 + 9, 2])).toEqual([7, 9, 1.5]);
    expect(latticeOf(open, [3 + 7, -6 + 9, 3])).toEqual([7, 9, 2]);
  });

  it('has no answer outside or between slices that are missing', () => {
    const volume = made([0, 5, 10, 25, 30, 35]);
    expect(latticeOf(volume, [0, 0, 35])).toEqual([0, 0, 5]);
    for (const point of [
      [0, 0, 35.1],
      [0, 0, -0.1],
      [-0.1, 0, 5],
      [0, 511.1, 5],
      [0, 0, 12],
      [0, 0, 24.9],
    ] as const)
      expect(latticeOf(volume, point)).toBeNull();
    expect(latticeOf(volume, [0, 0, 10])?.[2]).toBeCloseTo(2, 9);
    expect(latticeOf(volume, [0, 0, 25])?.[2]).toBeCloseTo(3, 9);
  });
});
