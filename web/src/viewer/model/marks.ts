/** What a reader drew on one image, and what it measures. */
import { type Basis, calibrationOf, type Metric, metricFor, type Point } from './calibration';
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
import type { Frame } from './metadata';
import {
  ellipseSpan,
  type NoValues,
  type PixelGrid,
  polygonSpans,
  type Statistics,
  statisticsOf,
  valueAt,
  valueUnit,
} from './values';

export const MARK_KINDS = [
  'length',
  'bidirectional',
  'angle',
  'cobb',
  'ellipse',
  'rectangle',
  'freehand',
  'probe',
  'arrow',
] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

export const isMarkKind = (tool: string): tool is MarkKind =>
  (MARK_KINDS as readonly string[]).includes(tool);

export interface Mark {
  id: string;
  kind: MarkKind;
  imageId: string;
  points: readonly Point[];
  /** Freehand only: the end was joined to the beginning. */
  isClosed: boolean;
  /** What somebody wrote beside an arrow. */
  text?: string;
}

export interface Measured {
  basis: Basis;
  unit: 'mm' | 'px';
  /** The longer one first where there are two. */
  lengths: readonly number[];
  perimeter: number | null;
  area: number | null;
  angleDeg: number | null;
  isCrossing: boolean;
  statistics: Statistics | null;
  value: number | null;
  valueUnit: string;
  noValues: NoValues | null;
  isLossy: boolean;
}

type Shape = Partial<Pick<Measured, 'lengths' | 'perimeter' | 'area' | 'angleDeg' | 'isCrossing'>>;

function bidirectional(p: readonly Point[], { spacing }: Metric): Shape {
  const [a, b, c, d] = p;
  if (!a || !b || !c || !d) return {};
  return { lengths: [lengthOf(a, b, spacing), lengthOf(c, d, spacing)].sort((x, y) => y - x) };
}

function angle(p: readonly Point[], { shape }: Metric): Shape {
  const [a, vertex, b] = p;
  return a && vertex && b && shape ? { angleDeg: angleAt(a, vertex, b, shape) } : {};
}

function cobb(p: readonly Point[], { shape }: Metric): Shape {
  const [a, b, c, d] = p;
  return a && b && c && d && shape ? { angleDeg: cobbAngle(a, b, c, d, shape) } : {};
}

function ellipse(p: readonly Point[], { spacing }: Metric): Shape {
  const round = ellipseFrom(p);
  return round ? { area: ellipseArea(round, spacing) } : {};
}

function freehand(p: readonly Point[], { spacing }: Metric, isClosed: boolean): Shape {
  const length = pathLength(p, spacing, isClosed);
  if (!isClosed) return { lengths: [length] };
  const crossed = isCrossing(p);
  return { perimeter: length, isCrossing: crossed, area: crossed ? null : polygonArea(p, spacing) };
}

/** Corners arrive as top left, top right, bottom left, bottom right. */
const around = (p: readonly Point[]): Point[] =>
  [p[0], p[1], p[3], p[2]].filter((one): one is Point => one !== undefined);

function shapeOf({ kind, points, isClosed }: Mark, metric: Metric): Shape {
  const [a, b] = points;
  switch (kind) {
    case 'length':
      return a && b ? { lengths: [lengthOf(a, b, metric.spacing)] } : {};
    case 'bidirectional':
      return bidirectional(points, metric);
    case 'angle':
      return angle(points, metric);
    case 'cobb':
      return cobb(points, metric);
    case 'ellipse':
      return ellipse(points, metric);
    case 'rectangle':
      return { area: polygonArea(around(points), metric.spacing) };
    case 'freehand':
      return freehand(points, metric, isClosed);
    default:
      return {};
  }
}

function statisticsIn(mark: Mark, grid: PixelGrid): Statistics | null {
  if (mark.kind === 'ellipse') {
    const round = ellipseFrom(mark.points);
    return round && statisticsOf(grid, (row) => ellipseSpan(round, row));
  }
  const isArea = mark.kind === 'rectangle' || (mark.kind === 'freehand' && mark.isClosed);
  if (!isArea) return null;
  const corners = mark.kind === 'rectangle' ? around(mark.points) : mark.points;
  const [top, bottom] = [Math.min(...corners.map((p) => p[1])), Math.max(...corners.map((p) => p[1]))];
  return statisticsOf(grid, (row) => (row >= top && row <= bottom ? polygonSpans(corners, row) : []));
}

/** The outermost points of what was drawn: all of them must lie in one calibrated region. */
function extent({ kind, points }: Mark): readonly Point[] {
  return kind === 'ellipse' || kind === 'rectangle' ? boundingCorners(points) : points;
}

function boundingCorners(points: readonly Point[]): Point[] {
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return [
    [left, top],
    [right, bottom],
  ];
}

/** Everything a mark says. The grid is the frame's values, or why there are none. */
export function measure(mark: Mark, frame: Frame, grid: PixelGrid | NoValues): Measured {
  const metric = metricFor(calibrationOf(frame), extent(mark));
  const shape = shapeOf(mark, metric);
  const values = typeof grid === 'string' ? null : grid;
  const [point] = mark.points;
  const isOfValues = !['length', 'bidirectional', 'angle', 'cobb', 'arrow'].includes(mark.kind);
  return {
    basis: metric.basis,
    unit: metric.unit,
    lengths: [],
    perimeter: null,
    area: null,
    angleDeg: null,
    isCrossing: false,
    ...shape,
    statistics: values && !shape.isCrossing ? statisticsIn(mark, values) : null,
    value: mark.kind === 'probe' && values && point ? valueAt(values, point) : null,
    valueUnit: valueUnit(frame),
    noValues: isOfValues && typeof grid === 'string' ? grid : null,
    isLossy: frame.isLossy,
  };
}
