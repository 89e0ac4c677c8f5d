import { getShouldUseCPURendering, type Types } from '@cornerstonejs/core';
import type { Point } from '../model/calibration';
import { dot, minus, type Vector } from '../model/vectors';

/** Where an image lies in the engine's space. */
export interface Plane {
  origin: Vector;
  spacing: readonly number[];
  direction: readonly number[];
}

const way = (plane: Plane, axis: 0 | 1): Vector =>
  plane.direction.slice(axis * 3, axis * 3 + 3) as unknown as Vector;

/** In whole pixels the centre, whichever renderer: the processor's counts from the corner of the first pixel. */
const corner = (): number => (getShouldUseCPURendering() ? 0.5 : 0);

export function pixelOn(plane: Plane, world: Types.Point3): Point {
  const away = minus(world, plane.origin);
  const along = (axis: 0 | 1): number => dot(away, way(plane, axis)) / (plane.spacing[axis] ?? 1) - corner();
  return [along(0), along(1)];
}

export function worldOn(plane: Plane, [column, row]: Point): Types.Point3 {
  const across = (column + corner()) * (plane.spacing[0] ?? 1);
  const down = (row + corner()) * (plane.spacing[1] ?? 1);
  const [u, v] = [way(plane, 0), way(plane, 1)];
  return plane.origin.map((from, i) => from + across * (u[i] ?? 0) + down * (v[i] ?? 0)) as Types.Point3;
}
