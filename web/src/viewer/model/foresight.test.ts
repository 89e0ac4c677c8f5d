import { describe, expect, it } from 'vitest';
import { aFrame } from './builders';
import { type Foreseeable, foreseenIn } from './foresight';
import { displaySetsOf, middleOf } from './stacks';

const AXIAL = [1, 0, 0, 0, 1, 0];
const LEANING = [1, 0, 0, 0, 0.8, -0.6];

function aSeries(
  heights: readonly number[],
  { orientation = AXIAL, rows = 512 }: { orientation?: readonly number[]; rows?: number } = {},
): Foreseeable {
  return {
    series_instance_uid: '1.2.3',
    shapes: [{ rows, columns: rows, orientation }],
    instances: heights.map((z, i) => ({
      sop_instance_uid: `1.2.${i + 1}`,
      frames: 1,
      shape: 0,
      positions: [[0, 0, z]],
    })),
  };
}

/** What the viewer will show first of the same series, once it is described. */
function shownFirst({ instances, shapes }: Foreseeable): string {
  const frames = instances.map(({ sop_instance_uid, positions, shape }, i) =>
    aFrame({
      sopInstanceUid: sop_instance_uid,
      instanceNumber: i + 1,
      position: (positions[0] ?? null) as never,
      row: (shapes[shape]?.orientation.slice(0, 3) ?? null) as never,
      column: (shapes[shape]?.orientation.slice(3) ?? null) as never,
    }),
  );
  const [set] = displaySetsOf(frames, '1.2.3', '1.2').sort((a, b) => b.frames.length - a.frames.length);
  return set?.frames[middleOf(set)]?.sopInstanceUid ?? '';
}

const rising = (n: number): number[] => Array.from({ length: n }, (_, i) => i * 2);
const SHUFFLED = [8, 2, 14, 0, 20, 4, 18, 6, 10, 12, 16];

describe('the slice foreseen', () => {
  it.each([
    ['rising', aSeries(rising(13))],
    ['rising, an even number', aSeries(rising(12))],
    ['falling', aSeries(rising(13).reverse())],
    ['falling, an even number', aSeries(rising(12).reverse())],
    ['numbered out of order', aSeries(SHUFFLED)],
    ['numbered out of order, from above', aSeries([...SHUFFLED].reverse())],
    ['leaning', aSeries(rising(12).reverse(), { orientation: LEANING })],
    [
      'without a place in space',
      { ...aSeries(rising(12)), shapes: [{ rows: 9, columns: 9, orientation: [] }] },
    ],
  ])('is the one the viewer hangs: %s', (_, series) => {
    expect(foreseenIn(series)[0]?.sopInstanceUid).toBe(shownFirst(series));
  });

  it('is of the largest stack of a series', () => {
    const series = aSeries(rising(14));
    const scout = { sop_instance_uid: '9.9', frames: 1, shape: 1, positions: [[0, 0, 0]] };
    const shapes = [...series.shapes, { rows: 512, columns: 900, orientation: [1, 0, 0, 0, 0, -1] }];
    expect(
      foreseenIn({ ...series, shapes, instances: [scout, ...series.instances] })[0]?.sopInstanceUid,
    ).toBe(foreseenIn(series)[0]?.sopInstanceUid);
  });

  it('is a frame of a multi-frame instance', () => {
    const one = {
      sop_instance_uid: '5.5',
      frames: 11,
      shape: 0,
      positions: rising(11).map((z) => [0, 0, z]),
    };
    expect(foreseenIn({ ...aSeries([]), instances: [one] }).map(({ frameNumber }) => frameNumber)).toEqual([
      6, 7, 5, 8, 4, 9, 3, 10, 2, 11, 1,
    ]);
  });

  it('is of the largest stack also when that comes last', () => {
    const series = aSeries(rising(12));
    const few = aSeries(rising(11)).instances.map((one) => ({
      ...one,
      sop_instance_uid: `8.${one.sop_instance_uid}`,
    }));
    const shapes = [{ rows: 256, columns: 256, orientation: AXIAL }, ...series.shapes];
    const many = series.instances.map((one) => ({ ...one, shape: 1 }));
    expect(foreseenIn({ ...series, shapes, instances: [...few, ...many] })[0]?.sopInstanceUid).toBe(
      foreseenIn(series)[0]?.sopInstanceUid,
    );
  });

  it('is by number where all frames of an instance share one place', () => {
    const one = { sop_instance_uid: '5.5', frames: 12, shape: 0, positions: [[0, 0, 7]] };
    expect(foreseenIn({ ...aSeries([]), instances: [one] })[0]?.frameNumber).toBe(6);
  });

  it('is by number where some place is not known', () => {
    const series = aSeries(SHUFFLED);
    const instances = series.instances.map((one, i) => (i === 3 ? { ...one, positions: [] } : one));
    expect(foreseenIn({ ...series, instances })[0]?.sopInstanceUid).toBe('1.2.6');
  });

  it('is by number among slices of one place, from whichever end', () => {
    const twice = rising(6).flatMap((z) => [z, z]);
    expect(foreseenIn(aSeries(twice))[0]?.sopInstanceUid).toBe(shownFirst(aSeries(twice)));
  });

  it.each([
    ['ten slices', aSeries(rising(10))],
    ['a megapixel', aSeries(rising(10), { rows: 1024 })],
  ])('is there in %s', (_, series) => {
    expect(foreseenIn(series)).toHaveLength(10);
  });

  it.each([
    ['a few pictures', aSeries(rising(9))],
    ['large pictures', aSeries(rising(12), { rows: 1025 })],
    ['nothing', aSeries([])],
  ])('is none in %s', (_, series) => {
    expect(foreseenIn(series)).toEqual([]);
  });
});
