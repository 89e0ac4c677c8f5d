import { describe, expect, it } from 'vitest';
import type { Point } from './calibration';
import { angleText, areaText, lengthText, meanText, valueText } from './digits';
import {
  angleAt,
  cobbAngle,
  ellipseArea,
  ellipseFrom,
  isCrossing,
  lengthOf,
  pathLength,
  polygonArea,
} from './measure';
import type { Spacing } from './metadata';

/** 2 mm down, 0.5 mm across. */
const TALL: Spacing = [2, 0.5];
const SQUARE: Spacing = [1, 1];

describe('lengths', () => {
  it.each<[string, Point, Point, Spacing, number]>([
    ['across', [0, 0], [10, 0], TALL, 5],
    ['down', [0, 0], [0, 10], TALL, 20],
    ['slanted', [1, 2], [7, 4], TALL, 5],
    ['backwards', [7, 4], [1, 2], TALL, 5],
    ['at negative places', [-3, -4], [0, 0], SQUARE, 5],
    ['nowhere', [5, 5], [5, 5], TALL, 0],
  ])('%s', (_, a, b, spacing, wanted) => {
    expect(lengthOf(a, b, spacing)).toBeCloseTo(wanted, 9);
  });

  it('a path is the sum of its parts, and closing it adds the way home', () => {
    const path: Point[] = [
      [0, 0],
      [6, 0],
      [6, 2],
    ];
    expect(pathLength(path, TALL, false)).toBeCloseTo(3 + 4, 9);
    expect(pathLength(path, TALL, true)).toBeCloseTo(3 + 4 + 5, 9);
    expect(pathLength([], TALL, true)).toBe(0);
  });
});

describe('areas', () => {
  const square: Point[] = [
    [0, 0],
    [4, 0],
    [4, 3],
    [0, 3],
  ];

  it('a polygon, whichever way round and wherever it lies', () => {
    const moved = square.map(([x, y]): Point => [x - 100, y - 50]);
    expect(polygonArea(square, TALL)).toBeCloseTo(12, 9);
    expect(polygonArea([...square].reverse(), [1, 3])).toBeCloseTo(36, 9);
    expect(polygonArea(moved, [1, 3])).toBeCloseTo(36, 9);
  });

  it.each<[string, Point[], Spacing, number]>([
    [
      'upright',
      [
        [5, 9],
        [5, 1],
        [2, 5],
        [8, 5],
      ],
      SQUARE,
      Math.PI * 3 * 4,
    ],
    [
      'upright, pixels not square',
      [
        [5, 9],
        [5, 1],
        [2, 5],
        [8, 5],
      ],
      TALL,
      Math.PI * 1.5 * 8,
    ],
    [
      'turned by 45 degrees',
      [
        [3, 3],
        [-3, -3],
        [-1, 1],
        [1, -1],
      ],
      SQUARE,
      Math.PI * Math.SQRT2 * 3 * Math.SQRT2,
    ],
    [
      'no ellipse at all',
      [
        [5, 5],
        [5, 5],
        [5, 5],
        [5, 5],
      ],
      SQUARE,
      0,
    ],
  ])('an ellipse, %s', (_, ends, spacing, wanted) => {
    const round = ellipseFrom(ends);
    expect(round && ellipseArea(round, spacing)).toBeCloseTo(wanted, 9);
  });

  it('an ellipse lies between the ends of its diameters', () => {
    expect(
      ellipseFrom([
        [5, 9],
        [5, 1],
        [2, 5],
        [8, 5],
      ]),
    ).toEqual({ centre: [5, 5], u: [3, 0], v: [0, -4] });
    expect(ellipseFrom([[5, 9]])).toBeNull();
  });

  it('knows a contour that crosses itself', () => {
    expect(isCrossing(square)).toBe(false);
    expect(isCrossing([square[0], square[2], square[1], square[3]] as Point[])).toBe(true);
  });
});

describe('angles', () => {
  it.each<[string, Point, Point, Point, Spacing, number | null]>([
    ['right', [1, 0], [0, 0], [0, 1], SQUARE, 90],
    ['right in long pixels too', [1, 0], [0, 0], [0, 1], TALL, 90],
    ['half a right one', [1, 0], [0, 0], [1, 1], SQUARE, 45],
    ['steeper where pixels are long', [1, 0], [0, 0], [1, 1], TALL, (Math.atan2(2, 0.5) * 180) / Math.PI],
    ['obtuse', [1, 0], [0, 0], [-1, 1], SQUARE, 135],
    ['stretched', [-1, 0], [0, 0], [1, 0], SQUARE, 180],
    ['away from the corner of the picture', [11, 20], [10, 20], [10, 25], SQUARE, 90],
    ['of nothing', [1, 1], [1, 1], [2, 2], SQUARE, null],
  ])('%s', (_, a, vertex, b, shape, wanted) => {
    const angle = angleAt(a, vertex, b, shape);
    if (wanted === null) expect(angle).toBeNull();
    else expect(angle).toBeCloseTo(wanted, 9);
  });

  it.each<[string, Point, Point, Point, Point, Spacing, number]>([
    ['parallel', [0, 0], [10, 1], [0, 5], [10, 6], SQUARE, 0],
    ['drawn against each other', [0, 0], [10, 0], [10, 10], [0, 0], SQUARE, 45],
    ['drawn alike', [0, 0], [10, 0], [0, 0], [10, 10], SQUARE, 45],
    ['long pixels', [0, 0], [8, 0], [0, 0], [8, 2], TALL, 45],
  ])('Cobb: %s', (_, a, b, c, d, shape, wanted) => {
    expect(cobbAngle(a, b, c, d, shape)).toBeCloseTo(wanted, 5);
  });
});

it('digits are those a hand can draw', () => {
  expect(lengthText(24.96, 'mm')).toBe('25.0 mm');
  expect(lengthText(50.4, 'px')).toBe('50 px');
  expect(areaText(12.34, 'mm')).toBe('12.3 mm²');
  expect(areaText(1234.5, 'mm')).toBe('1235 mm²');
  expect(areaText(99.6, 'px')).toBe('100 px²');
  expect(angleText(44.96)).toBe('45.0°');
  expect([valueText(-1024), valueText(0.123456)]).toEqual(['-1024', '0.1235']);
  expect([meanText(-812.34), meanText(0), meanText(1.23456)]).toEqual(['-812.3', '0.0', '1.23']);
});
