import { expect, it } from 'vitest';
import { coarseOf, endsOf, frameKey } from './prefixes';

const ENDS = [100, 300, 1_000, 4_000, 16_000, 60_000];

it.each([
  ['a CT slice: 512 down to 128', 512, 512, { end: 4_000, skip: 2, whole: 60_000 }],
  ['the longer side counts', 100, 512, { end: 4_000, skip: 2, whole: 60_000 }],
  ['halves round up: 255 to 128', 255, 255, { end: 16_000, skip: 1, whole: 60_000 }],
  ['a mammogram: 3062 down to 192', 3062, 2394, { end: 300, skip: 4, whole: 60_000 }],
])('%s', (_, rows, columns, coarse) => {
  expect(coarseOf(ENDS, rows, columns)).toEqual(coarse);
});

it.each([
  ['a picture that is small itself', ENDS, 128],
  ['one resolution only', [60_000], 512],
  ['a frame that is not packed', [], 512],
])('has no coarse picture of %s', (_, ends, side) => {
  expect(coarseOf(ends, side, side)).toBeNull();
});

it('finds the frames of several instances in the order of the pack', () => {
  const instances = [
    { sop_instance_uid: '1.1', frames: 2 },
    { sop_instance_uid: '1.2', frames: 0 },
    { sop_instance_uid: '1.3', frames: 1 },
  ];

  const found = endsOf({
    series: [
      { instances, packed: { frames: [[1, 10], null, [3, 30]] } },
      { instances: [{ sop_instance_uid: '2.1', frames: 1 }], packed: null },
    ],
  });

  expect([...found]).toEqual([
    ['1.1/1', [1, 10]],
    ['1.3/1', [3, 30]],
  ]);
  expect(frameKey({ sopInstanceUid: '1.3', frameNumber: 1 })).toBe('1.3/1');
});
