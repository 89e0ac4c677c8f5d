import { describe, expect, it } from 'vitest';
import { aFrame, aStack } from './builders';
import { linkedIndex, linkStacks, mayLink } from './linking';
import { displaySetsOf } from './stacks';

const thin = aStack(Array.from({ length: 101 }, (_, i) => i));
const thick = aStack(Array.from({ length: 21 }, (_, i) => i * 5));

describe('stacks of one study in one space', () => {
  it('show the same place whatever their spacing', () => {
    const link = linkStacks(thin, 0, thick, 20);
    expect(link.kind).toBe('same_space');
    expect(linkedIndex(link, thin, 52, thick)).toEqual({ index: 10, distanceMm: 2 });
    expect(linkedIndex(link, thick, 20, thin)?.index).toBe(100);
  });

  it('follow each other when one was scanned the other way round', () => {
    const reversed = aStack([100, 75, 50, 25, 0]);
    const link = linkStacks(thin, 0, reversed, 0);
    expect(linkedIndex(link, thin, 75, reversed)?.index).toBe(1);
  });
});

describe('a prior with its own space', () => {
  const prior = aStack([500, 505, 510, 515, 520], { frameOfReferenceUid: '9.9' }, 'prior');

  it('keeps the distance between the slices shown when the link was made', () => {
    const link = linkStacks(thin, 10, prior, 1);
    expect(link).toMatchObject({ kind: 'offset', offsetMm: 495 });
    expect(linkedIndex(link, thin, 20, prior)).toEqual({ index: 3, distanceMm: 0 });
  });

  it('says how far outside the stack the wanted place is', () => {
    const link = linkStacks(thin, 10, prior, 1);
    expect(linkedIndex(link, thin, 100, prior)).toEqual({ index: 4, distanceMm: 75 });
  });

  it('does not trust an equal frame of reference across studies', () => {
    const copied = aStack([500, 505], {}, 'prior');
    expect(linkStacks(thin, 0, copied, 0).kind).toBe('offset');
  });
});

describe('how alike two stacks must lie', () => {
  const leaning = (degrees: number, isFlipped = false) => {
    const [s, c] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
    const row = isFlipped ? ([-1, 0, 0] as const) : ([1, 0, 0] as const);
    const frames = [0, 1, 2].map((z) =>
      aFrame({ row, column: [0, c, s], position: [0, -s * z, c * z], instanceNumber: z + 1 }),
    );
    const [set] = displaySetsOf(frames, 's', 'study');
    if (!set) throw new Error('no stack');
    return set;
  };

  it.each([
    [14.9, true],
    [15.1, false],
  ])('%d degrees apart: %s', (degrees, wanted) => {
    expect(mayLink(thin, leaning(degrees))).toBe(wanted);
    expect(mayLink(thin, leaning(degrees, true))).toBe(wanted);
  });

  it('two slices at least, on both sides', () => {
    expect([
      mayLink(thin, aStack([0])),
      mayLink(aStack([0]), thin),
      mayLink(aStack([0, 1]), aStack([0, 1])),
    ]).toEqual([false, false, true]);
  });

  it('slices that are not there link nothing', () => {
    const prior = aStack([500, 505, 510], { frameOfReferenceUid: '9.9' }, 'prior');
    expect([linkStacks(thin, 101, prior, 0).kind, linkStacks(thin, 0, prior, 3).kind]).toEqual([
      'none',
      'none',
    ]);
    const link = linkStacks(thin, 10, prior, 1);
    expect(linkedIndex(link, thin, 101, prior)).toBeNull();
    expect(linkedIndex(link, thin, 1, { ...prior, positionsMm: [] })).toBeNull();
  });

  it('of two slices equally near the first is taken', () => {
    expect(linkedIndex(linkStacks(thin, 0, thick, 0), aStack([2.5, 3]), 0, thick)).toEqual({
      index: 0,
      distanceMm: 2.5,
    });
  });
});

describe('stacks that cannot be linked', () => {
  it('are of different planes', () => {
    const frames = [0, 1, 2].map((x) =>
      aFrame({ row: [0, 1, 0], column: [0, 0, -1], position: [x, 0, 0], instanceNumber: x }),
    );
    const [sagittal] = displaySetsOf(frames, 's', 'study');
    if (!sagittal) throw new Error('no stack');
    const link = linkStacks(thin, 0, sagittal, 0);
    expect(link.kind).toBe('none');
    expect(linkedIndex(link, thin, 5, sagittal)).toBeNull();
  });
});
