/** Points and directions in the patient coordinate system, millimetres (PS3.3 C.7.6.2.1.1): x to the left, y to the back, z to the head. */
export type Vector = readonly [number, number, number];

export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const norm = (a: Vector): number => Math.sqrt(dot(a, a));
export const opposite = (a: Vector): Vector => [-a[0], -a[1], -a[2]];

/** Unit vector, or null when the length is nothing to divide by. */
export function unit(a: Vector): Vector | null {
  const length = norm(a);
  return length > 1e-9 ? [a[0] / length, a[1] / length, a[2] / length] : null;
}

/** Angle between two directions in degrees, 0 to 180. */
export function angleBetween(a: Vector, b: Vector): number {
  const cosine = dot(a, b) / (norm(a) * norm(b));
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
}

/** From a point some millimetres along a direction. */
export const along = (from: Vector, way: Vector, mm: number): Vector => [
  from[0] + way[0] * mm,
  from[1] + way[1] * mm,
  from[2] + way[2] * mm,
];
