/** From a stack to a volume that planes can be cut out of, or the reason why not. Places are the true ones: nothing is assumed to be even or upright. */
import { isProjection } from './calibration';
import type { Frame } from './metadata';
import { type DisplaySet, normalOf } from './stacks';
import { angleBetween, cross, dot, minus, type Vector } from './vectors';

export type NoVolume =
  | 'too_few'
  | 'unordered'
  | 'duplicated'
  | 'colour'
  | 'no_spacing'
  | 'mixed'
  | 'orientation'
  | 'frame_of_reference'
  | 'projection'
  | 'values';

/** Slices that never came: how many by the typical step, and the first and last place where one should be. */
export interface Missing {
  count: number;
  fromMm: number;
  toMm: number;
}

/** What a reader must agree to before planes are cut out of it. */
export type Caution =
  | { kind: 'tilted'; degrees: number }
  | { kind: 'uneven'; leastMm: number; mostMm: number };

export interface Volume {
  rows: number;
  columns: number;
  /** Directions of rising column, row and slice; unit length, at right angles. */
  row: Vector;
  column: Vector;
  normal: Vector;
  betweenColumns: number;
  betweenRows: number;
  /** Place of each slice along the normal, mm, rising. */
  at: Float64Array;
  /** Place of each slice's first pixel along `row` and along `column`, mm. They differ where the gantry leans. */
  left: Float64Array;
  top: Float64Array;
  /** Which frame of the set each slice is. */
  order: readonly number[];
  /** Whether values may be interpolated between a slice and the next: not where slices are missing. */
  isBridged: readonly boolean[];
  stepMm: number;
  missing: readonly Missing[];
  cautions: readonly Caution[];
}

/** Fewer are pictures beside each other, not a volume. */
const LEAST_SLICES = 5;
const SAME_PLACE_MM = 1e-3;
const SAME_DIRECTION_DEG = 0.1;
const SAME_SPACING = 1e-4;
const LARGEST_STEP = 1.5;

const isSpaced = (frame: Frame): boolean => frame.pixelSpacing?.every((mm) => mm > 0) === true;

const isSameGrid = (a: Frame, b: Frame): boolean =>
  a.rows === b.rows &&
  a.columns === b.columns &&
  [0, 1].every((axis) => {
    const [one, other] = [a.pixelSpacing?.[axis] ?? 0, b.pixelSpacing?.[axis] ?? 0];
    return Math.abs(one - other) <= SAME_SPACING * one;
  });

function isSameDirection(a: Frame, b: Frame): boolean {
  if (!a.row || !a.column || !b.row || !b.column) return false;
  const [rows, columns] = [angleBetween(a.row, b.row), angleBetween(a.column, b.column)];
  return Math.max(rows, columns, Math.abs(angleBetween(a.row, a.column) - 90)) <= SAME_DIRECTION_DEG;
}

const UNPLACED = new Set(['US', 'IVUS', 'ES', 'XC', 'SC', 'OT', 'ECG']);

const isShadow = (frame: Frame): boolean =>
  isProjection(frame) || UNPLACED.has(frame.modality) || frame.imageType.includes('LOCALIZER');

function whyNot(set: DisplaySet): NoVolume | null {
  const { frames } = set;
  const first = frames[0];
  if (!first || frames.some(isShadow)) return 'projection';
  if (frames.some((frame) => frame.isColour)) return 'colour';
  if (frames.some((frame) => frame.hasModalityLut)) return 'values';
  if (frames.length < LEAST_SLICES) return 'too_few';
  if (set.order !== 'position' || frames.some((frame) => !frame.position)) return 'unordered';
  if (!frames.every(isSpaced)) return 'no_spacing';
  if (!frames.every((frame) => isSameGrid(first, frame))) return 'mixed';
  if (!frames.every((frame) => isSameDirection(first, frame))) return 'orientation';
  const spaces = new Set(frames.map((frame) => frame.frameOfReferenceUid));
  return spaces.size > 1 || spaces.has(null) ? 'frame_of_reference' : null;
}

function gapsOf(at: Float64Array): Float64Array {
  return Float64Array.from({ length: at.length - 1 }, (_, k) => (at[k + 1] ?? 0) - (at[k] ?? 0));
}

/** The step that half of the slices keep: a few gaps do not change it. */
function typical(gaps: Float64Array): number {
  return Float64Array.from(gaps).sort()[Math.floor(gaps.length / 2)] ?? 0;
}

function missingIn(at: Float64Array, gaps: Float64Array, stepMm: number): Missing[] {
  return [...gaps].flatMap((gap, k) => {
    if (gap <= LARGEST_STEP * stepMm) return [];
    const [below, above] = [at[k] ?? 0, at[k + 1] ?? 0];
    const count = Math.max(1, Math.round(gap / stepMm) - 1);
    return [{ count, fromMm: below + gap / (count + 1), toMm: above - gap / (count + 1) }];
  });
}

/** Gaps of missing slices are told as such and are no unevenness. */
function cautionsOf(set: DisplaySet, gaps: Float64Array, stepMm: number, normal: Vector): Caution[] {
  const [first, last] = [set.frames[0]?.position, set.frames.at(-1)?.position];
  const lean = first && last ? angleBetween(minus(last, first), normal) : 0;
  const kept = [...gaps].filter((gap) => gap <= LARGEST_STEP * stepMm);
  const [leastMm, mostMm] = [Math.min(...kept), Math.max(...kept)];
  const allowed = Math.max(0.05, stepMm * 0.02);
  return [
    ...(set.isTilted ? [{ kind: 'tilted' as const, degrees: Math.min(lean, 180 - lean) }] : []),
    ...(mostMm - stepMm > allowed || stepMm - leastMm > allowed
      ? [{ kind: 'uneven' as const, leastMm, mostMm }]
      : []),
  ];
}

const asked = new WeakMap<DisplaySet, Volume | NoVolume>();

/** A volume, or the first reason why the stack is none. Cautions are the caller's to ask about. */
export function volumeOf(set: DisplaySet): Volume | NoVolume {
  const found = asked.get(set) ?? volumeIn(set);
  asked.set(set, found);
  return found;
}

function volumeIn(set: DisplaySet): Volume | NoVolume {
  const refused = whyNot(set);
  const first = set.frames[0];
  const normal = first && normalOf(first);
  if (refused || !first?.row || !first.pixelSpacing || !normal) return refused ?? 'unordered';
  const [row, column] = [first.row, cross(normal, first.row)];
  const place = (index: number): Vector => set.frames[index]?.position ?? [0, 0, 0];
  const order = set.frames.map((_, i) => i).sort((a, b) => dot(place(a), normal) - dot(place(b), normal));
  const along = (axis: Vector): Float64Array => Float64Array.from(order, (index) => dot(place(index), axis));
  const at = along(normal);
  const gaps = gapsOf(at);
  if (gaps.some((gap) => gap <= SAME_PLACE_MM)) return 'duplicated';
  const stepMm = typical(gaps);
  return {
    rows: first.rows,
    columns: first.columns,
    row,
    column,
    normal,
    betweenRows: first.pixelSpacing[0],
    betweenColumns: first.pixelSpacing[1],
    at,
    left: along(row),
    top: along(column),
    order,
    isBridged: [...gaps].map((gap) => gap <= LARGEST_STEP * stepMm),
    stepMm,
    missing: missingIn(at, gaps, stepMm),
    cautions: cautionsOf(set, gaps, stepMm, normal),
  };
}

export const isVolume = (found: Volume | NoVolume): found is Volume => typeof found !== 'string';

/** The shortest distance between neighbouring voxels: what scrolling and sampling go by. */
export const smallestEdge = (volume: Volume): number =>
  Math.min(volume.betweenRows, volume.betweenColumns, volume.stepMm);

/** A rounding error of the sender must not push a slice out of its own volume. */
export const EDGE_MM = 1e-4;

/** Between which two slices a place along the normal lies, and how far on; null outside and where slices are missing. */
export function bracketAt(volume: Volume, d: number, hint = 0): { k: number; t: number } | null {
  const { at } = volume;
  const last = at.length - 1;
  let k = Math.min(Math.max(0, hint), last - 1);
  while (k > 0 && d < (at[k] ?? 0)) k -= 1;
  while (k < last - 1 && d >= (at[k + 1] ?? 0)) k += 1;
  const [below, above] = [at[k] ?? 0, at[k + 1] ?? 0];
  if (Math.abs(d - below) <= EDGE_MM) return { k, t: 0 };
  if (Math.abs(d - above) <= EDGE_MM) return { k, t: 1 };
  if (d < below || d > above || !volume.isBridged[k]) return null;
  return { k, t: (d - below) / (above - below) };
}

/** [column, row, slice] of a point in the patient, whole at the centres of voxels; null where there is nothing. */
export function latticeOf(volume: Volume, point: Vector): Vector | null {
  const found = bracketAt(volume, dot(point, volume.normal));
  if (!found) return null;
  const { k, t } = found;
  const between = (of: Float64Array): number => (of[k] ?? 0) * (1 - t) + (of[k + 1] ?? 0) * t;
  const column = (dot(point, volume.row) - between(volume.left)) / volume.betweenColumns;
  const row = (dot(point, volume.column) - between(volume.top)) / volume.betweenRows;
  const slack = EDGE_MM;
  const isInside =
    column >= -slack &&
    row >= -slack &&
    column <= volume.columns - 1 + slack &&
    row <= volume.rows - 1 + slack;
  return isInside ? [column, row, k + t] : null;
}

/** The eight outermost voxel centres, as they lie in the patient. */
export function cornersOf(volume: Volume): Vector[] {
  const { at, left, top, row, column, normal } = volume;
  const wide = (volume.columns - 1) * volume.betweenColumns;
  const high = (volume.rows - 1) * volume.betweenRows;
  return Array.from(at).flatMap((d, k) =>
    [0, wide].flatMap((x) =>
      [0, high].map((y) => {
        const [u, v] = [(left[k] ?? 0) + x, (top[k] ?? 0) + y];
        const sum = (axis: 0 | 1 | 2): number => u * row[axis] + v * column[axis] + d * normal[axis];
        return [sum(0), sum(1), sum(2)] as const;
      }),
    ),
  );
}
