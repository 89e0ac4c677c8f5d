/** Where planes of one patient meet, in the pixels of a picture: reference lines, crosshairs, a point found again elsewhere. */
import type { Point } from './calibration';
import type { Frame } from './metadata';
import type { DisplaySet } from './stacks';
import { along, angleBetween, cross, dot, minus, type Vector } from './vectors';

/** A frame that has a place in the patient. */
interface Placed {
  origin: Vector;
  row: Vector;
  column: Vector;
  normal: Vector;
  betweenRows: number;
  betweenColumns: number;
}

function placed(frame: Frame): Placed | null {
  const { position, row, column, pixelSpacing } = frame;
  if (!position || !row || !column || !pixelSpacing) return null;
  const [betweenRows, betweenColumns] = pixelSpacing;
  return { origin: position, row, column, normal: cross(row, column), betweenRows, betweenColumns };
}

/** [column, row] nearest to a point of the patient, and how far in front of the picture or behind it the point lies. */
export function pixelOf(frame: Frame, point: Vector): { pixel: Point; awayMm: number } | null {
  const place = placed(frame);
  if (!place) return null;
  const way = minus(point, place.origin);
  return {
    pixel: [dot(way, place.row) / place.betweenColumns, dot(way, place.column) / place.betweenRows],
    awayMm: dot(way, place.normal),
  };
}

/** The point of the patient that a pixel shows. */
export function pointOf(frame: Frame, [x, y]: Point): Vector | null {
  const place = placed(frame);
  if (!place) return null;
  return along(along(place.origin, place.row, x * place.betweenColumns), place.column, y * place.betweenRows);
}

export const isInPicture = (frame: Frame, [x, y]: Point): boolean =>
  x >= -0.5 && y >= -0.5 && x <= frame.columns - 0.5 && y <= frame.rows - 0.5;

const spaces = new WeakMap<DisplaySet, string>();

/** The one Frame of Reference of all frames; empty when there is none, or more than one. */
function spaceOf(set: DisplaySet): string {
  const known = spaces.get(set);
  if (known !== undefined) return known;
  const first = set.frames[0]?.frameOfReferenceUid ?? '';
  const space = set.frames.every((frame) => frame.frameOfReferenceUid === first) ? first : '';
  spaces.set(set, space);
  return space;
}

/** Positions mean the same place only in one Frame of Reference of one study; a copied UID in another study is not believed. */
export const sharesSpace = (a: DisplaySet, b: DisplaySet): boolean =>
  a.studyUid === b.studyUid && spaceOf(a) !== '' && spaceOf(a) === spaceOf(b);

/** Planes that meet at a smaller angle are as good as parallel: their line would jump at every slice. */
const PARALLEL_DEG = 5;

interface Affine {
  at0: number;
  x: number;
  y: number;
}

/** Keeps the part of the line `from + s * way` where the value is at least 0. */
function keep(range: [number, number], value: Affine, from: Point, way: Point): void {
  const here = value.at0 + value.x * from[0] + value.y * from[1];
  const slope = value.x * way[0] + value.y * way[1];
  if (Math.abs(slope) < 1e-12) {
    if (here < -1e-9) range[1] = Number.NEGATIVE_INFINITY;
  } else if (slope > 0) range[0] = Math.max(range[0], -here / slope);
  else range[1] = Math.min(range[1], -here / slope);
}

/** Inside a picture of this size, in its own pixels. */
function edges(column: Affine, row: Affine, frame: Frame): Affine[] {
  const atLeast = (one: Affine): Affine => ({ ...one, at0: one.at0 + 0.5 });
  const atMost = (one: Affine, most: number): Affine => ({ at0: most - 0.5 - one.at0, x: -one.x, y: -one.y });
  return [atLeast(column), atLeast(row), atMost(column, frame.columns), atMost(row, frame.rows)];
}

/**
 * The line along which the other picture cuts this one, in this one's pixels, as far as both reach; null when they do not meet.
 * `lineIn(axial, coronal)` is a line of one row; swapping the two gives the same points of the patient.
 */
export function lineIn(view: Frame, other: Frame): [Point, Point] | null {
  const [a, b] = [placed(view), placed(other)];
  if (!a || !b) return null;
  const angle = angleBetween(a.normal, b.normal);
  if (Math.min(angle, 180 - angle) < PARALLEL_DEG) return null;
  const away = minus(a.origin, b.origin);
  const inOther = (axis: Vector, unit: number): Affine => ({
    at0: dot(away, axis) / unit,
    x: (dot(a.row, axis) * a.betweenColumns) / unit,
    y: (dot(a.column, axis) * a.betweenRows) / unit,
  });
  const depth = inOther(b.normal, 1);
  const steep = depth.x * depth.x + depth.y * depth.y;
  const from: Point = [(-depth.at0 * depth.x) / steep, (-depth.at0 * depth.y) / steep];
  const length = Math.sqrt(steep);
  const way: Point = [-depth.y / length, depth.x / length];
  const range: [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const own = edges({ at0: 0, x: 1, y: 0 }, { at0: 0, x: 0, y: 1 }, view);
  const others = edges(inOther(b.row, b.betweenColumns), inOther(b.column, b.betweenRows), other);
  for (const edge of [...own, ...others]) keep(range, edge, from, way);
  if (!(range[1] > range[0])) return null;
  const point = (s: number): Point => [from[0] + s * way[0], from[1] + s * way[1]];
  return [point(range[0]), point(range[1])];
}

export interface Nearest {
  index: number;
  /** From the slice to the point, along the normal. */
  awayMm: number;
}

/** The slice of a stack nearest to a point of the patient; null when the stack is not in order of place. */
export function nearestSlice(set: DisplaySet, point: Vector): Nearest | null {
  if (!set.normal || set.positionsMm.length !== set.frames.length) return null;
  const here = dot(point, set.normal);
  let best: Nearest | null = null;
  set.positionsMm.forEach((at, index) => {
    if (!best || Math.abs(here - at) < Math.abs(best.awayMm)) best = { index, awayMm: here - at };
  });
  return best;
}

/** A stack says something about a point only where one of its slices is near enough to show it. */
export function isWithinReach(set: DisplaySet, { awayMm }: Nearest): boolean {
  const gaps = set.positionsMm.slice(1).map((at, i) => Math.abs(at - (set.positionsMm[i] ?? at)));
  const widest = Math.max(
    set.spacingMm ?? 0,
    set.frames[0]?.thicknessMm ?? 0,
    gaps.length ? median(gaps) : 0,
  );
  return Math.abs(awayMm) <= widest / 2 + 1e-3;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The point that three planes have in common; null when two of them are parallel. */
export function meetingPoint(frames: readonly Frame[]): Vector | null {
  const [a, b, c] = frames.map(placed);
  if (!a || !b || !c) return null;
  const [bc, ca, ab] = [cross(b.normal, c.normal), cross(c.normal, a.normal), cross(a.normal, b.normal)];
  const volume = dot(a.normal, bc);
  if (Math.abs(volume) < 1e-6) return null;
  const [da, db, dc] = [dot(a.origin, a.normal), dot(b.origin, b.normal), dot(c.origin, c.normal)];
  const sum = (i: 0 | 1 | 2): number => (da * bc[i] + db * ca[i] + dc * ab[i]) / volume;
  return [sum(0), sum(1), sum(2)];
}
