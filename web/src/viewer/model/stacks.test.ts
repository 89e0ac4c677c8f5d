import { describe, expect, it } from 'vitest';
import { aFrame, aStack } from './builders';
import { displaySetsOf, evenSpacing, sortFrames } from './stacks';

const at = (z: number, instanceNumber: number) => aFrame({ position: [0, 0, z], instanceNumber });
const order = (frames: readonly { instanceNumber: number | null }[]) =>
  frames.map((frame) => frame.instanceNumber);

describe('sorting', () => {
  it('follows the position along the normal, whatever the order of arrival', () => {
    const sorted = sortFrames([at(10, 3), at(0, 1), at(5, 2)]);
    expect(order(sorted.frames)).toEqual([1, 2, 3]);
    expect(sorted.order).toBe('position');
    expect(sorted.positionsMm).toEqual([0, 5, 10]);
  });

  it('begins at the end where the acquisition began', () => {
    expect(order(sortFrames([at(0, 3), at(5, 2), at(10, 1)]).frames)).toEqual([1, 2, 3]);
  });

  it('lets geometry win over wrong instance numbers in the middle', () => {
    expect(sortFrames([at(0, 1), at(10, 2), at(5, 3), at(15, 4)]).positionsMm).toEqual([0, 5, 10, 15]);
  });

  it('sorts sagittal slices from left to right positions too', () => {
    const sagittal = (x: number, n: number) =>
      aFrame({ row: [0, 1, 0], column: [0, 0, -1], position: [x, 0, 0], instanceNumber: n });
    expect(order(sortFrames([sagittal(30, 3), sagittal(10, 1), sagittal(20, 2)]).frames)).toEqual([1, 2, 3]);
  });

  it('falls back to the instance number when a position is missing, and says so', () => {
    const sorted = sortFrames([aFrame({ position: null, instanceNumber: 2 }), at(0, 1)]);
    expect(sorted.order).toBe('instance_number');
    expect(order(sorted.frames)).toEqual([1, 2]);
    expect(sorted.positionsMm).toEqual([]);
  });

  it('does not pretend an order by position when all slices lie in one place (a time series)', () => {
    expect(sortFrames([at(5, 2), at(5, 1)]).order).toBe('instance_number');
  });

  it('keeps the order of sending when there is neither', () => {
    const bare = { position: null, instanceNumber: null };
    expect(sortFrames([aFrame(bare), aFrame(bare)]).order).toBe('as_sent');
  });
});

describe('splitting', () => {
  it('separates orientation, matrix, scouts and echoes', () => {
    const frames = [
      at(0, 1),
      at(1, 2),
      aFrame({ row: [0, 1, 0], column: [0, 0, -1], instanceNumber: 3 }),
      aFrame({ rows: 256, columns: 256, instanceNumber: 4 }),
      aFrame({ imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'], instanceNumber: 5 }),
      aFrame({ echoNumber: 2, instanceNumber: 6 }),
    ];
    const sets = displaySetsOf(frames, 's', 'study');
    expect(sets.map((set) => set.frames.length)).toEqual([2, 1, 1, 1, 1]);
    expect(sets[3]?.isLocalizer).toBe(true);
    expect(sets[0]?.part).toEqual({ index: 1, count: 5 });
  });

  it('keeps slices together whose orientation differs by rounding', () => {
    const tilted = aFrame({ row: [0.9999, 0.0141, 0], instanceNumber: 2, position: [0, 0, 1] });
    expect(displaySetsOf([at(0, 1), tilted], 's', 'study')).toHaveLength(1);
  });
});

describe('gaps', () => {
  it('knows an even spacing', () => {
    expect(aStack([0, 2.5, 5, 7.5]).spacingMm).toBeCloseTo(2.5);
  });

  it('does not call a stack even when a slice is missing', () => {
    expect(evenSpacing([0, 1, 2, 4, 5])).toBeNull();
  });

  it('notices a gantry tilt', () => {
    const tilt = (n: number) => aFrame({ position: [0, n * 2, n * 5], instanceNumber: n });
    expect(displaySetsOf([tilt(1), tilt(2), tilt(3)], 's', 'study')[0]?.isTilted).toBe(true);
    expect(aStack([0, 5, 10]).isTilted).toBe(false);
  });
});
