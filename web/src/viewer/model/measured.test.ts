/** One table of cases for the viewer and for the hub (dokuei/dicom/objects/tests/test_measure.py): both must say the same. */
import { describe, expect, it } from 'vitest';
import { aFrame, aPicture } from './builders';
import { type MarkKind, measure } from './marks';
import cases from './measured.json';
import type { Frame } from './metadata';
import { gridOf } from './values';

interface Told extends Partial<Frame> {
  isInSpace?: boolean;
  padding?: [number, number];
  suvFactor?: number;
}

function frameOf({ isInSpace = true, padding, suvFactor, ...told }: Told): Frame {
  const place = isInSpace ? {} : { position: null, row: null, column: null };
  const picture = aPicture(padding ? { padding: { low: padding[0], high: padding[1] } } : {});
  const suv: Frame['suv'] = suvFactor
    ? { kind: 'factor', factor: suvFactor, from: 'stored', parts: null }
    : null;
  return aFrame({ rows: 40, columns: 60, ...place, ...told, picture, suv });
}

function storedIn({ rows, columns }: Frame): number[] {
  return Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return (7 * column + 13 * row * row + column * row) % 251;
  });
}

const near = (value: unknown): unknown => (typeof value === 'number' ? expect.closeTo(value, 6) : value);

describe('what a mark measures', () => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const frame = frameOf(one.frame as unknown as Told);
    const { kind, points } = one.mark;
    const isClosed = (one.mark as { isClosed?: boolean }).isClosed === true;
    const mark = {
      id: 'm',
      imageId: '',
      kind: kind as MarkKind,
      isClosed,
      points: points as [number, number][],
    };
    const grid = gridOf(frame, {
      pixels: storedIn(frame),
      rows: frame.rows,
      columns: frame.columns,
      applied: null,
    });

    const found = measure(mark, frame, grid);

    const { lengths, statistics, ...rest } = one.wanted;
    expect(found.lengths).toEqual(lengths.map(near));
    expect(found.statistics).toEqual(
      statistics &&
        Object.fromEntries(Object.entries(statistics).map(([name, value]) => [name, near(value)])),
    );
    for (const [name, value] of Object.entries(rest))
      expect(found[name as keyof typeof found]).toEqual(near(value));
  });
});
