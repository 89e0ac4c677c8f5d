/** What lies in a region drawn on one picture, in the voxels of another volume: the measured ones, none made between them. */
import type { Point } from '../model/calibration';
import { pixelOf, pointOf } from '../model/lines';
import type { Mark } from '../model/marks';
import { ellipseFrom } from '../model/measure';
import type { Voxels } from '../model/reformat';
import { along, cross, dot, type Vector } from '../model/vectors';
import { EDGE_MM, type Volume } from '../model/volume';
import type { Lying } from './sampling';

export interface RegionValues {
  max: number;
  mean: number;
  /** Voxels whose centre lies in the region. */
  count: number;
  /** How far in front of the picture and behind it a centre may lie. */
  reachMm: number;
}

type Inside = (point: Point) => boolean;

function insideEllipse(points: readonly Point[]): Inside | null {
  const round = ellipseFrom(points);
  if (!round) return null;
  const { centre, u, v } = round;
  const size = u[0] * v[1] - u[1] * v[0];
  if (Math.abs(size) < 1e-9) return null;
  return ([x, y]) => {
    const [dx, dy] = [x - centre[0], y - centre[1]];
    return ((dx * v[1] - dy * v[0]) / size) ** 2 + ((dy * u[0] - dx * u[1]) / size) ** 2 <= 1 + 1e-9;
  };
}

/** Left and top edges belong to it, right and bottom ones do not: as for the pixels of the picture itself. */
function insidePolygon(corners: readonly Point[]): Inside {
  return ([x, y]) => {
    let isIn = false;
    corners.forEach((a, i) => {
      const b = corners[(i + 1) % corners.length] ?? a;
      if (a[1] <= y !== b[1] <= y && x >= a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0])) isIn = !isIn;
    });
    return isIn;
  };
}

function insideOf({ kind, points, isClosed }: Mark): Inside | null {
  if (kind === 'ellipse') return insideEllipse(points);
  if (kind === 'freehand') return isClosed ? insidePolygon(points) : null;
  if (kind !== 'rectangle') return null;
  /* Corners come as top left, top right, bottom left, bottom right. */
  const around = [points[0], points[1], points[3], points[2]];
  return insidePolygon(around.filter((one): one is Point => one !== undefined));
}

/** Half as thick as a voxel is along the normal of the picture, or as the slab: so a thin picture meets one layer of voxels. */
export function reachOf(volume: Volume, { plane, slab }: Lying): number {
  const normal = cross(plane.row, plane.column);
  const voxel =
    Math.abs(dot(normal, volume.row)) * volume.betweenColumns +
    Math.abs(dot(normal, volume.column)) * volume.betweenRows +
    Math.abs(dot(normal, volume.normal)) * volume.stepMm;
  return Math.max(voxel, slab.mode === 'single' ? 0 : slab.mm) / 2;
}

type Box = readonly [from: Vector, to: Vector];

/** Millimetres along the row, the column and the normal of the volume between which the region can lie at all. */
function boxOf(volume: Volume, lying: Lying, points: readonly Point[], reach: number): Box {
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  const normal = cross(lying.plane.row, lying.plane.column);
  const corners = [Math.min(...xs), Math.max(...xs)].flatMap((x) =>
    [Math.min(...ys), Math.max(...ys)].flatMap((y) => {
      const at = pointOf(lying.frame, [x, y]);
      return at ? [along(at, normal, -reach), along(at, normal, reach)] : [];
    }),
  );
  const ends = (axis: Vector, pick: (...all: number[]) => number): number =>
    pick(...corners.map((corner) => dot(corner, axis)));
  const side = (pick: (...all: number[]) => number): Vector => [
    ends(volume.row, pick),
    ends(volume.column, pick),
    ends(volume.normal, pick),
  ];
  return [side(Math.min), side(Math.max)];
}

const steps = (from: number, to: number, start: number, step: number, count: number): [number, number] => [
  Math.max(0, Math.floor((from - start) / step)),
  Math.min(count - 1, Math.ceil((to - start) / step)),
];

/** Null where no voxel's centre lies in the region, and for marks that enclose nothing. */
export function regionValues(
  volume: Volume,
  voxels: Voxels,
  lying: Lying,
  mark: Mark,
  factor: number,
): RegionValues | null {
  const inside = insideOf(mark);
  if (!inside) return null;
  const reachMm = reachOf(volume, lying);
  const [from, to] = boxOf(volume, lying, mark.points, reachMm);
  const { row, column, normal, betweenColumns, betweenRows, columns, rows, at } = volume;
  let [max, sum, count] = [Number.NEGATIVE_INFINITY, 0, 0];
  for (let k = 0; k < at.length; k += 1) {
    const d = at[k] ?? 0;
    if (d < from[2] - EDGE_MM || d > to[2] + EDGE_MM) continue;
    const [left, top] = [volume.left[k] ?? 0, volume.top[k] ?? 0];
    const [c0, c1] = steps(from[0], to[0], left, betweenColumns, columns);
    const [r0, r1] = steps(from[1], to[1], top, betweenRows, rows);
    for (let r = r0; r <= r1; r += 1)
      for (let c = c0; c <= c1; c += 1) {
        const [u, v] = [left + c * betweenColumns, top + r * betweenRows];
        const centre = along(along(along([0, 0, 0], row, u), column, v), normal, d);
        const found = pixelOf(lying.frame, centre);
        if (!found || Math.abs(found.awayMm) > reachMm + EDGE_MM || !inside(found.pixel)) continue;
        const stored = voxels.pixels[k]?.[r * columns + c] ?? Number.NaN;
        const value = (stored * (voxels.slope[k] ?? 1) + (voxels.intercept[k] ?? 0)) * factor;
        max = Math.max(max, value);
        sum += value;
        count += 1;
      }
  }
  return count === 0 ? null : { max, mean: sum / count, count, reachMm };
}
