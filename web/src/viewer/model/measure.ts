/** Lengths, angles and areas between points of a picture; the spacing says what a pixel is worth. */
import type { Point } from './calibration';
import type { Spacing } from './metadata';

/** From pixels to the unit of the spacing: [across, down]. */
const scaled = ([x, y]: Point, spacing: Spacing): Point => [x * spacing[1], y * spacing[0]];

const way = (a: Point, b: Point, spacing: Spacing): Point => scaled([b[0] - a[0], b[1] - a[1]], spacing);

export const lengthOf = (a: Point, b: Point, spacing: Spacing): number => Math.hypot(...way(a, b, spacing));

/** The way along the points; back to the first when closed. */
export function pathLength(points: readonly Point[], spacing: Spacing, isClosed: boolean): number {
  const ends = isClosed ? [...points.slice(1), ...points.slice(0, 1)] : points.slice(1);
  return ends.reduce((sum, end, i) => sum + lengthOf(points[i] ?? end, end, spacing), 0);
}

/** Of a polygon that does not cross itself (shoelace). */
export function polygonArea(points: readonly Point[], spacing: Spacing): number {
  const twice = points.reduce((sum, a, i) => {
    const b = points[(i + 1) % points.length] ?? a;
    return sum + a[0] * b[1] - b[0] * a[1];
  }, 0);
  return (Math.abs(twice) / 2) * spacing[0] * spacing[1];
}

/** Centre and two half diameters, which stay valid when the picture was turned or its pixels are not square. */
export interface Ellipse {
  centre: Point;
  u: Point;
  v: Point;
}

/** From the ends of its two diameters: bottom, top, left, right. */
export function ellipseFrom(ends: readonly Point[]): Ellipse | null {
  const [bottom, top, left, right] = ends;
  if (!bottom || !top || !left || !right) return null;
  const half = (a: Point, b: Point): Point => [(b[0] - a[0]) / 2, (b[1] - a[1]) / 2];
  return {
    centre: [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2],
    u: half(left, right),
    v: half(bottom, top),
  };
}

export const ellipseArea = ({ u, v }: Ellipse, spacing: Spacing): number =>
  Math.PI * Math.abs(u[0] * v[1] - u[1] * v[0]) * spacing[0] * spacing[1];

function angleBetween(a: Point, b: Point): number | null {
  const size = Math.hypot(...a) * Math.hypot(...b);
  if (!(size > 0)) return null;
  const cosine = (a[0] * b[0] + a[1] * b[1]) / size;
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
}

/** At the middle point, 0 to 180 degrees. */
export const angleAt = (a: Point, vertex: Point, b: Point, shape: Spacing): number | null =>
  angleBetween(way(vertex, a, shape), way(vertex, b, shape));

/** Between two lines whichever way they were drawn, 0 to 90 degrees. */
export function cobbAngle(a: Point, b: Point, c: Point, d: Point, shape: Spacing): number | null {
  const angle = angleBetween(way(a, b, shape), way(c, d, shape));
  return angle === null ? null : Math.min(angle, 180 - angle);
}

const turn = (a: Point, b: Point, c: Point): number =>
  (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

const cross = (a: Point, b: Point, c: Point, d: Point): boolean =>
  turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;

/** Whether two sides of the closed contour cross: then it has no area one could name. */
export function isCrossing(points: readonly Point[]): boolean {
  const sides = points.map((a, i) => [a, points[(i + 1) % points.length] ?? a] as const);
  return sides.some(([a, b], i) => sides.slice(i + 1).some(([c, d]) => cross(a, b, c, d)));
}
