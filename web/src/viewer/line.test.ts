import { expect, it } from 'vitest';
import { LineMeter } from './line';

type Move = ['begin', number] | ['came', number, number] | ['end', number];

function measured(...moves: readonly Move[]): LineMeter {
  const meter = new LineMeter();
  for (const [what, at, bytes = 0] of moves) {
    if (what === 'came') meter.came(at, bytes);
    else meter[what](at);
  }
  return meter;
}

const once = (ms: number, bytes: number): Move[] => [
  ['begin', 0],
  ['came', ms, bytes],
  ['end', ms],
];

it('says nothing before anything came', () => {
  expect(new LineMeter().mbit).toBeNull();
});

it('counts what came over the time the line was busy, not over the pauses', () => {
  const meter = measured(
    ...once(100, 375_000),
    ['begin', 60_000],
    ['came', 60_100, 375_000],
    ['end', 60_100],
  );

  expect(meter.mbit).toBeCloseTo(30);
});

it('takes frames that come side by side as one stream', () => {
  const meter = measured(
    ['begin', 0],
    ['begin', 0],
    ['came', 150, 187_500],
    ['end', 150],
    ['came', 200, 562_500],
    ['end', 200],
  );

  expect(meter.mbit).toBeCloseTo(30);
});

it('does not judge by a small answer', () => {
  expect(measured(...once(100, 2_000)).mbit).toBeNull();
});

it.each([
  ['a slow line', 75_000, 131_072],
  ['a home line', 375_000, 562_500],
  ['a local network', 12_500_000, 4_194_304],
])('lets no more be on its way than %s carries in a moment', (_, bytesIn100Ms, ahead) => {
  expect(measured(...once(100, bytesIn100Ms)).aheadBytes).toBe(ahead);
});

it('wants coarse pictures first only where it takes long', () => {
  const meter = measured(...once(100, 375_000));

  expect([meter.isSlowForStack(3_000_000), meter.isSlowForStack(30_000_000)]).toEqual([false, true]);
  expect([meter.isSlowForPicture(170_000), meter.isSlowForPicture(1_700_000)]).toEqual([false, true]);
});

it('sees a line that has become slow while a frame is still on its way', () => {
  const meter = measured(...once(100, 1_250_000), ['begin', 1_000], ['came', 1_250, 62_500]);

  expect(meter.mbit).toBeCloseTo(2);
});
