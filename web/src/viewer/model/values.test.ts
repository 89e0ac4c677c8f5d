import { describe, expect, it } from 'vitest';
import { aFrame } from './builders';
import type { Point } from './calibration';
import { type Mark, type MarkKind, measure } from './marks';
import { ellipseFrom } from './measure';
import type { Frame } from './metadata';
import {
  ellipseSpan,
  gridOf,
  type PixelGrid,
  polygonSpans,
  statisticsOf,
  valueAt,
  valueUnit,
} from './values';

/** 6 rows of 5; the value says where it stands: row 2, column 3 is 23. */
const PLACES = Array.from({ length: 30 }, (_, i) => Math.floor(i / 5) * 10 + (i % 5));
const places: PixelGrid = { rows: 6, columns: 5, valueAt: (index) => PLACES[index] ?? Number.NaN };

function inside(spansOf: (row: number) => readonly (readonly [number, number])[]): number[] {
  const found: number[] = [];
  const grid = { ...places, valueAt: (index: number) => found.push(PLACES[index] ?? Number.NaN) };
  statisticsOf(grid, spansOf);
  return found;
}

const ellipse = (ends: Point[]) => {
  const round = ellipseFrom(ends);
  return (row: number) => (round ? ellipseSpan(round, row) : []);
};

describe('which pixels are inside', () => {
  it.each<[string, Point[], number[]]>([
    [
      'its ends on centres count',
      [
        [2, 4],
        [2, 2],
        [1, 3],
        [3, 3],
      ],
      [22, 31, 32, 33, 42],
    ],
    [
      'wider than high',
      [
        [2, 4],
        [2, 2],
        [0, 3],
        [4, 3],
      ],
      [22, 30, 31, 32, 33, 34, 42],
    ],
    [
      'between centres',
      [
        [2.5, 3.4],
        [2.5, 2.6],
        [2.1, 3],
        [2.9, 3],
      ],
      [],
    ],
    [
      'around one centre',
      [
        [2, 3.4],
        [2, 2.6],
        [1.6, 3],
        [2.4, 3],
      ],
      [32],
    ],
    [
      'over the edge of the picture',
      [
        [0, 1],
        [0, -1],
        [-1, 0],
        [1, 0],
      ],
      [0, 1, 10],
    ],
    [
      'turned',
      [
        [3, 4],
        [1, 2],
        [1.5, 3.5],
        [2.5, 2.5],
      ],
      [21, 32, 43],
    ],
    [
      'flat',
      [
        [2, 3],
        [2, 3],
        [1, 3],
        [3, 3],
      ],
      [],
    ],
  ])('an ellipse: %s', (_, ends, wanted) => {
    expect(inside(ellipse(ends))).toEqual(wanted);
  });

  it.each<[string, Point[], number[]]>([
    [
      'left and top edges count, right and bottom do not',
      [
        [1, 1],
        [3, 1],
        [3, 3],
        [1, 3],
      ],
      [11, 12, 21, 22],
    ],
    [
      'between centres',
      [
        [0.5, 0.5],
        [2.5, 0.5],
        [2.5, 1.5],
        [0.5, 1.5],
      ],
      [11, 12],
    ],
    [
      'over the edge of the picture',
      [
        [-9, -9],
        [1, -9],
        [1, 1],
        [-9, 1],
      ],
      [0],
    ],
    [
      'hollow above',
      [
        [0, 0],
        [2, 2],
        [4, 0],
        [4, 3],
        [0, 3],
      ],
      [10, 13, 20, 21, 22, 23],
    ],
    ['nothing', [[1, 1]], []],
  ])('a polygon: %s', (_, points, wanted) => {
    expect(inside((row) => polygonSpans(points, row))).toEqual(wanted);
    expect(inside((row) => polygonSpans([...points].reverse(), row))).toEqual(wanted);
  });

  it('neighbouring polygons share no pixel and miss none', () => {
    const cut: [Point, Point] = [
      [1.3, -1],
      [3.7, 6],
    ];
    const left = inside((row) => polygonSpans([[-1, -1], ...cut, [-1, 6]], row));
    const right = inside((row) => polygonSpans([cut[0], [6, -1], [6, 6], cut[1]], row));
    expect([...left, ...right].sort((a, b) => a - b)).toEqual(PLACES);
  });
});

it('statistics are those of exactly these pixels', () => {
  const grid: PixelGrid = { rows: 1, columns: 5, valueAt: (i) => [2, 4, 4, 6, 99][i] ?? 0 };
  expect(statisticsOf(grid, () => [[0, 3]])).toEqual({ mean: 4, sd: Math.SQRT2, min: 2, max: 6, count: 4 });
  expect(statisticsOf(grid, () => [])).toBeNull();
});

it('a spread among large numbers is not lost', () => {
  const grid: PixelGrid = { rows: 1, columns: 2, valueAt: (i) => 1e9 + i };
  expect(statisticsOf(grid, () => [[0, 1]])?.sd).toBeCloseTo(0.5, 9);
});

it('a probe reads the pixel it lies in', () => {
  expect(valueAt(places, [3.4, 1.6])).toBe(23);
  expect(valueAt(places, [-0.4, 5.4])).toBe(50);
  expect([valueAt(places, [-0.6, 0]), valueAt(places, [0, 5.6]), valueAt(places, [4.6, 0])]).toEqual([
    null,
    null,
    null,
  ]);
});

describe('values', () => {
  const frame = aFrame({ slope: 2, intercept: -1000 });
  const stored = { pixels: Int16Array.from([-5, 10]), rows: 1, columns: 2, applied: null };
  const read = (of: Frame, change: object = {}) => {
    const grid = gridOf(of, { ...stored, ...change });
    return typeof grid === 'string' ? grid : [grid.valueAt(0), grid.valueAt(1)];
  };

  it('are rescaled with the slope and intercept of the frame, once', () => {
    expect(read(frame)).toEqual([-1010, -980]);
    expect(read(frame, { applied: { slope: 2, intercept: -1000 } })).toEqual([-5, 10]);
  });

  it.each<[string, Frame, object, string]>([
    ['another slope', frame, { applied: { slope: 1, intercept: -1000 } }, 'rescale'],
    ['another intercept', frame, { applied: { slope: 2, intercept: 0 } }, 'rescale'],
    ['colour', aFrame({ isColour: true }), {}, 'colour'],
    ['more samples than pixels', frame, { rows: 1, columns: 1 }, 'colour'],
  ])('are refused with %s', (_, of, change, why) => {
    expect(read(of, change)).toBe(why);
  });

  it.each<[string, Partial<Frame>, string]>([
    ['CT that says HU', { rescaleType: 'HU' }, 'HU'],
    ['CT that may leave it out', { rescaleType: '' }, 'HU'],
    ['CT scout', { rescaleType: '', imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }, ''],
    ['multi-energy CT', { rescaleType: '', isMultiEnergy: true }, ''],
    ['multi-energy CT that says what', { rescaleType: 'MGML', isMultiEnergy: true }, 'MGML'],
    ['picture in a CT series', { rescaleType: '', sopClassUid: '1.2.840.10008.5.1.4.1.1.7' }, ''],
    ['unspecified', { rescaleType: 'US' }, ''],
    ['MR', { modality: 'MR', rescaleType: '' }, ''],
    ['PET', { modality: 'PT', rescaleType: '', petUnits: 'BQML' }, 'BQML'],
    ['PET that says it twice', { modality: 'PT', rescaleType: 'BQML', petUnits: 'BQML' }, 'BQML'],
    ['PET without units', { modality: 'PT', rescaleType: '', petUnits: 'NONE' }, ''],
  ])('unit of %s', (_, change, wanted) => {
    expect(valueUnit(aFrame(change))).toBe(wanted);
  });
});

describe('a mark', () => {
  const frame = aFrame({ pixelSpacing: [2, 0.5], rows: 6, columns: 5 });
  const mark = (kind: MarkKind, points: Point[], isClosed = false): Mark => ({
    id: '1',
    kind,
    imageId: 'i',
    points,
    isClosed,
  });
  const corners: Point[] = [
    [1, 1],
    [3, 1],
    [1, 3],
    [3, 3],
  ];

  it.each<[string, Mark, object]>([
    [
      'length',
      mark('length', [
        [0, 0],
        [6, 2],
      ]),
      { lengths: [5], unit: 'mm', area: null, statistics: null },
    ],
    [
      'bidirectional, the longer first',
      mark('bidirectional', [
        [0, 0],
        [4, 0],
        [0, 0],
        [0, 2],
      ]),
      { lengths: [4, 2] },
    ],
    [
      'angle',
      mark('angle', [
        [1, 0],
        [0, 0],
        [0, 1],
      ]),
      { angleDeg: 90, lengths: [] },
    ],
    [
      'Cobb',
      mark('cobb', [
        [0, 0],
        [8, 0],
        [0, 0],
        [8, 2],
      ]),
      { angleDeg: expect.closeTo(45, 6) },
    ],
    [
      'rectangle',
      mark('rectangle', corners),
      { area: 4, statistics: { mean: 16.5, sd: Math.sqrt(25.25), min: 11, max: 22, count: 4 } },
    ],
    [
      'ellipse',
      mark('ellipse', [
        [2, 4],
        [2, 2],
        [1, 3],
        [3, 3],
      ]),
      { area: Math.PI, statistics: { mean: 32, sd: Math.sqrt(40.4), min: 22, max: 42, count: 5 } },
    ],
    [
      'closed freehand',
      mark(
        'freehand',
        [
          [1, 1],
          [3, 1],
          [3, 3],
          [1, 3],
        ],
        true,
      ),
      { area: 4, perimeter: 10, statistics: { count: 4 } },
    ],
    [
      'open freehand',
      mark('freehand', [
        [1, 1],
        [3, 1],
        [3, 3],
      ]),
      { lengths: [5], perimeter: null, area: null, statistics: null },
    ],
    [
      'crossing freehand',
      mark(
        'freehand',
        [
          [1, 1],
          [3, 3],
          [3, 1],
          [1, 3],
        ],
        true,
      ),
      { isCrossing: true, area: null, statistics: null },
    ],
    ['probe', mark('probe', [[3.2, 1.8]]), { value: 23, valueUnit: 'HU', lengths: [] }],
    [
      'arrow',
      mark('arrow', [
        [0, 0],
        [1, 1],
      ]),
      { lengths: [], value: null, noValues: null },
    ],
  ])('%s', (_, drawn, wanted) => {
    expect(measure(drawn, frame, places)).toMatchObject(wanted);
  });

  it('keeps its size and says why it has no values', () => {
    const said = measure(mark('rectangle', corners), frame, 'rescale');
    expect(said).toMatchObject({ area: 4, statistics: null, noValues: 'rescale' });
    expect(measure(mark('length', corners), frame, 'colour').noValues).toBeNull();
  });

  it('in an ultrasound picture must lie in one region with all it encloses', () => {
    const region = {
      left: 0,
      top: 0,
      right: 2,
      bottom: 9,
      format: 1,
      unitX: 3,
      unitY: 3,
      deltaX: 0.1,
      deltaY: 0.1,
    };
    const us = aFrame({ modality: 'US', regions: [region] });
    const round: Point[] = [
      [2, 4],
      [2, 2],
      [1, 3],
      [3, 3],
    ];
    expect(measure(mark('ellipse', round), us, 'colour')).toMatchObject({ unit: 'px', basis: 'outside' });
    expect(
      measure(
        mark('angle', [
          [1, 1],
          [2, 1],
          [9, 9],
        ]),
        us,
        'colour',
      ).angleDeg,
    ).toBeNull();
  });
});
