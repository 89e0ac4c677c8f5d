/** Cuts a plane, or a slab around it, out of a volume. The inner loops are written for speed: no allocation and no call a pixel. */
import { along, cross, dot, type Vector } from './vectors';
import { bracketAt, EDGE_MM, type Volume } from './volume';

/** Where a picture lies in the patient, mm. `origin` is the centre of its first pixel. */
export interface Plane {
  origin: Vector;
  /** Unit directions of rising column and rising row. */
  row: Vector;
  column: Vector;
  betweenColumns: number;
  betweenRows: number;
  columns: number;
  rows: number;
}

export const SLAB_MODES = ['single', 'mip', 'minip', 'mean'] as const;
export type SlabMode = (typeof SLAB_MODES)[number];

/** `single` has no thickness. The others take what lies within half of the thickness on each side. */
export interface Slab {
  mode: SlabMode;
  mm: number;
}

export type Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array;

/** Stored numbers of each slice in the volume's order, and what makes values of them. */
export interface Voxels {
  pixels: readonly Numbers[];
  slope: Float64Array;
  intercept: Float64Array;
}

/** A place in the slab, and what it counts in a mean. */
interface Sample {
  mm: number;
  weight: number;
}

const STRAIGHT = 1e-9;
const HALF = 0.5;

const isUpright = ({ left, top }: Volume): boolean =>
  left.every((mm) => Math.abs(mm - (left[0] ?? 0)) < EDGE_MM) &&
  top.every((mm) => Math.abs(mm - (top[0] ?? 0)) < EDGE_MM);

/** Where a slab along one axis of an upright volume passes voxels: between them values run straight, so nothing is missed. */
function passages(volume: Volume, plane: Plane, normal: Vector, reach: number): number[] | null {
  const { row, column, normal: across, at } = volume;
  const shares = [dot(normal, row), dot(normal, column), dot(normal, across)];
  const axis = shares.findIndex((share) => Math.abs(share) > 1 - STRAIGHT);
  if (axis < 0 || !isUpright(volume)) return null;
  const sign = Math.sign(shares[axis] ?? 1);
  const inside = (mm: number): boolean => Math.abs(mm) < reach - EDGE_MM;
  if (axis === 2) {
    const here = dot(plane.origin, across);
    return [...at].map((d) => sign * (d - here)).filter(inside);
  }
  const [start, step, count] =
    axis === 0
      ? [volume.left[0] ?? 0, volume.betweenColumns, volume.columns]
      : [volume.top[0] ?? 0, volume.betweenRows, volume.rows];
  const here = dot(plane.origin, axis === 0 ? row : column);
  return Array.from({ length: count }, (_, i) => sign * (start + i * step - here)).filter(inside);
}

/** At most half a voxel apart in the direction of the slab. */
function evenly(volume: Volume, normal: Vector, reach: number): number[] {
  const voxelsPerMm = Math.max(
    Math.abs(dot(normal, volume.row)) / volume.betweenColumns,
    Math.abs(dot(normal, volume.column)) / volume.betweenRows,
    Math.abs(dot(normal, volume.normal)) / volume.stepMm,
  );
  const parts = Math.max(1, Math.ceil((2 * reach * voxelsPerMm) / HALF));
  return Array.from({ length: parts - 1 }, (_, i) => -reach + ((i + 1) * 2 * reach) / parts);
}

/** Both faces of the slab and what lies between; weights are those of the trapezoid rule and add up to one. */
export function samplesOf(volume: Volume, plane: Plane, slab: Slab): Sample[] {
  if (slab.mode === 'single' || !(slab.mm > 0)) return [{ mm: 0, weight: 1 }];
  const reach = slab.mm / 2;
  const normal = cross(plane.row, plane.column);
  const within = passages(volume, plane, normal, reach) ?? evenly(volume, normal, reach);
  const places = [-reach, ...within.sort((a, b) => a - b), reach];
  return places.map((mm, i) => {
    const [before, after] = [places[i - 1] ?? mm, places[i + 1] ?? mm];
    return { mm, weight: (after - before) / (2 * slab.mm) };
  });
}

/** One line of a picture in voxels: where it begins, and how far a pixel goes. `d` is in mm along the normal. */
interface Line {
  u: number;
  v: number;
  d: number;
  du: number;
  dv: number;
  dd: number;
}

/** The first and last pixel of a line for which `from + i * step` stays within 0 and `most`; an empty range where none does. */
function within(from: number, step: number, most: number, range: [number, number]): void {
  const slack = EDGE_MM;
  if (Math.abs(step) < 1e-12) {
    if (from < -slack || from > most + slack) range[1] = -1;
    return;
  }
  const [a, b] = [(-slack - from) / step, (most + slack - from) / step];
  range[0] = Math.max(range[0], Math.ceil(Math.min(a, b)));
  range[1] = Math.min(range[1], Math.floor(Math.max(a, b)));
}

/** Cuts one volume; holds what every line needs, so that lines cost nothing to set up. */
class Cutter {
  private readonly volume: Volume;
  private readonly voxels: Voxels;
  private readonly range: [number, number] = [0, 0];

  constructor(volume: Volume, voxels: Voxels) {
    this.volume = volume;
    this.voxels = voxels;
  }

  /** `nothing` stands where the volume has no value. */
  line(out: Float32Array, line: Line, nothing: number): void {
    out.fill(nothing);
    if (Math.abs(line.dd) < STRAIGHT) this.level(out, line);
    else this.climbing(out, line);
  }

  /** The whole line lies between the same two slices. */
  private level(out: Float32Array, { u, v, d, du, dv }: Line): void {
    const { volume, voxels, range } = this;
    const found = bracketAt(volume, d);
    if (!found) return;
    const { k, t } = found;
    const { columns, betweenColumns, betweenRows } = volume;
    const shiftU = (volume.left[k] ?? 0) * (1 - t) + (volume.left[k + 1] ?? 0) * t;
    const shiftV = (volume.top[k] ?? 0) * (1 - t) + (volume.top[k + 1] ?? 0) * t;
    const [c0, r0] = [(u - shiftU) / betweenColumns, (v - shiftV) / betweenRows];
    const [dc, dr] = [du / betweenColumns, dv / betweenRows];
    const [lastC, lastR] = [columns - 1, volume.rows - 1];
    range[0] = 0;
    range[1] = out.length - 1;
    within(c0, dc, lastC, range);
    within(r0, dr, lastR, range);
    const below = voxels.pixels[k] as Numbers;
    const above = voxels.pixels[k + 1] as Numbers;
    const [wb, wa] = [(1 - t) * (voxels.slope[k] ?? 1), t * (voxels.slope[k + 1] ?? 1)];
    const offset = (1 - t) * (voxels.intercept[k] ?? 0) + t * (voxels.intercept[k + 1] ?? 0);
    for (let i = range[0]; i <= range[1]; i += 1) {
      const c = Math.min(lastC, Math.max(0, c0 + i * dc));
      const r = Math.min(lastR, Math.max(0, r0 + i * dr));
      const ci = c | 0;
      const ri = r | 0;
      const x = c - ci;
      const y = r - ri;
      const p = ri * columns + ci;
      const right = ci < lastC ? 1 : 0;
      const q = ri < lastR ? p + columns : p;
      const w00 = (1 - x) * (1 - y);
      const w10 = x * (1 - y);
      const w01 = (1 - x) * y;
      const w11 = x * y;
      let value = offset;
      if (wb !== 0)
        value +=
          wb *
          (w00 * (below[p] as number) +
            w10 * (below[p + right] as number) +
            w01 * (below[q] as number) +
            w11 * (below[q + right] as number));
      if (wa !== 0)
        value +=
          wa *
          (w00 * (above[p] as number) +
            w10 * (above[p + right] as number) +
            w01 * (above[q] as number) +
            w11 * (above[q + right] as number));
      out[i] = value;
    }
  }

  /** The line runs through slices: for each pair of them, the pixels that lie between. */
  private climbing(out: Float32Array, line: Line): void {
    const { at } = this.volume;
    const { d, dd } = line;
    const [low, high] = [(at[0] ?? 0) - EDGE_MM, (at[at.length - 1] ?? 0) + EDGE_MM];
    const [a, b] = [(low - d) / dd, (high - d) / dd];
    const first = Math.max(0, Math.ceil(Math.min(a, b)));
    const last = Math.min(out.length - 1, Math.floor(Math.max(a, b)));
    let k = 0;
    for (let i = first; i <= last; ) {
      const here = d + i * dd;
      while (k > 0 && here < (at[k] as number)) k -= 1;
      while (k < at.length - 2 && here >= (at[k + 1] as number)) k += 1;
      const end = dd > 0 ? (at[k + 1] as number) : (at[k] as number);
      const until = Math.min(last, Math.max(i, Math.floor((end - d) / dd)));
      this.span(out, line, k, i, until);
      i = until + 1;
    }
  }

  /** Pixels `from` to `to`, all between slice `k` and the next. */
  private span(out: Float32Array, line: Line, k: number, from: number, to: number): void {
    const { volume, voxels, range } = this;
    const { columns, betweenColumns, betweenRows, left, top, at } = volume;
    const start = at[k] as number;
    const gap = (at[k + 1] as number) - start;
    const [t0, dt] = [(line.d - start) / gap, line.dd / gap];
    const leanC = ((left[k + 1] as number) - (left[k] as number)) / betweenColumns;
    const leanR = ((top[k + 1] as number) - (top[k] as number)) / betweenRows;
    const c0 = (line.u - (left[k] as number)) / betweenColumns - leanC * t0;
    const r0 = (line.v - (top[k] as number)) / betweenRows - leanR * t0;
    const [dc, dr] = [line.du / betweenColumns - leanC * dt, line.dv / betweenRows - leanR * dt];
    const [lastC, lastR] = [columns - 1, volume.rows - 1];
    range[0] = from;
    range[1] = to;
    within(c0, dc, lastC, range);
    within(r0, dr, lastR, range);
    const isBridged = volume.isBridged[k] === true;
    const below = voxels.pixels[k] as Numbers;
    const above = voxels.pixels[k + 1] as Numbers;
    const [slopeB, slopeA] = [voxels.slope[k] as number, voxels.slope[k + 1] as number];
    const [interceptB, interceptA] = [voxels.intercept[k] as number, voxels.intercept[k + 1] as number];
    const edge = EDGE_MM / gap;
    for (let i = range[0]; i <= range[1]; i += 1) {
      const t = Math.min(1, Math.max(0, t0 + i * dt));
      if (!isBridged && t > edge && t < 1 - edge) continue;
      const c = Math.min(lastC, Math.max(0, c0 + i * dc));
      const r = Math.min(lastR, Math.max(0, r0 + i * dr));
      const ci = c | 0;
      const ri = r | 0;
      const x = c - ci;
      const y = r - ri;
      const p = ri * columns + ci;
      const right = ci < lastC ? 1 : 0;
      const q = ri < lastR ? p + columns : p;
      const w00 = (1 - x) * (1 - y);
      const w10 = x * (1 - y);
      const w01 = (1 - x) * y;
      const w11 = x * y;
      const b =
        w00 * (below[p] as number) +
        w10 * (below[p + right] as number) +
        w01 * (below[q] as number) +
        w11 * (below[q + right] as number);
      const a =
        w00 * (above[p] as number) +
        w10 * (above[p + right] as number) +
        w01 * (above[q] as number) +
        w11 * (above[q + right] as number);
      out[i] = (1 - t) * (b * slopeB + interceptB) + t * (a * slopeA + interceptA);
    }
  }
}

function lineAt(volume: Volume, plane: Plane, j: number, mm: number): Line {
  const normal = cross(plane.row, plane.column);
  const start = along(along(plane.origin, plane.column, j * plane.betweenRows), normal, mm);
  return {
    u: dot(start, volume.row),
    v: dot(start, volume.column),
    d: dot(start, volume.normal),
    du: dot(plane.row, volume.row) * plane.betweenColumns,
    dv: dot(plane.row, volume.column) * plane.betweenColumns,
    dd: dot(plane.row, volume.normal) * plane.betweenColumns,
  };
}

const NOTHING: Record<SlabMode, number> = {
  single: Number.NaN,
  mean: Number.NaN,
  mip: Number.NEGATIVE_INFINITY,
  minip: Number.POSITIVE_INFINITY,
};

function keepExtremes(out: Float32Array, one: Float32Array, mode: SlabMode): void {
  if (mode === 'mip')
    for (let i = 0; i < out.length; i += 1) out[i] = Math.max(out[i] as number, one[i] as number);
  else for (let i = 0; i < out.length; i += 1) out[i] = Math.min(out[i] as number, one[i] as number);
}

function addWeighted(sums: Float64Array, weights: Float64Array, one: Float32Array, weight: number): void {
  for (let i = 0; i < one.length; i += 1) {
    const value = one[i] as number;
    if (Number.isNaN(value)) continue;
    sums[i] = (sums[i] as number) + weight * value;
    weights[i] = (weights[i] as number) + weight;
  }
}

/** What the samples of one line come to. What has no value does not count; where nothing counts there is no value. */
class Gatherer {
  private readonly one: Float32Array;
  private readonly sums: Float64Array;
  private readonly weights: Float64Array;
  private readonly mode: SlabMode;

  constructor(columns: number, mode: SlabMode) {
    this.one = new Float32Array(columns);
    this.sums = new Float64Array(columns);
    this.weights = new Float64Array(columns);
    this.mode = mode;
  }

  gather(out: Float32Array, samples: readonly Sample[], fill: (one: Float32Array, mm: number) => void): void {
    const { one, sums, weights, mode } = this;
    out.fill(NOTHING[mode]);
    sums.fill(0);
    weights.fill(0);
    for (const { mm, weight } of samples) {
      fill(one, mm);
      if (mode === 'mean') addWeighted(sums, weights, one, weight);
      else keepExtremes(out, one, mode);
    }
    for (let i = 0; i < out.length; i += 1) {
      if (mode !== 'mean') {
        if (!Number.isFinite(out[i] as number)) out[i] = Number.NaN;
      } else if ((weights[i] as number) > 0) out[i] = (sums[i] as number) / (weights[i] as number);
    }
  }
}

/** Values row by row from the top left, NaN where the volume has none. */
export function cut(volume: Volume, voxels: Voxels, plane: Plane, slab: Slab): Float32Array {
  const { rows, columns } = plane;
  const cutter = new Cutter(volume, voxels);
  const values = new Float32Array(rows * columns);
  const samples = samplesOf(volume, plane, slab);
  const gatherer = new Gatherer(columns, slab.mode);
  for (let j = 0; j < rows; j += 1) {
    const out = values.subarray(j * columns, (j + 1) * columns);
    const fill = (one: Float32Array, mm: number): void =>
      cutter.line(one, lineAt(volume, plane, j, mm), NOTHING[slab.mode]);
    if (slab.mode === 'single') fill(out, 0);
    else gatherer.gather(out, samples, fill);
  }
  return values;
}
