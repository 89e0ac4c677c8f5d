/** Planes as they are kept, and finding one again among those that are cut. */
import type { PlaneRecipe } from '@/api/contract';
import { type Axes, type CutFacts, ORIENTATIONS, type Orientation, type Turn, UPRIGHT } from './cuts';
import type { Plane, Slab } from './reformat';
import { along, cross, dot, type Vector } from './vectors';

const SAME_MM = 1e-3;
const SAME_WAY = 1e-6;

const isNear = (a: readonly number[], b: readonly number[], by: number): boolean =>
  a.length === b.length && a.every((value, i) => Math.abs(value - (b[i] ?? Number.NaN)) <= by);

const isSameSlab = (a: Slab, b: Slab): boolean => a.mode === b.mode && (a.mode === 'single' || a.mm === b.mm);

const isSameGrid = (plane: Plane, kept: PlaneRecipe): boolean =>
  isNear(plane.origin, kept.origin, SAME_MM) &&
  isNear(plane.row, kept.row, SAME_WAY) &&
  isNear(plane.column, kept.column, SAME_WAY) &&
  isNear([plane.betweenColumns, plane.betweenRows], [kept.between_columns, kept.between_rows], SAME_WAY) &&
  plane.columns === kept.columns &&
  plane.rows === kept.rows;

/** Which of a stack's planes this is; null when it is none of them. */
export function placeIn(
  { planes, slab }: Pick<CutFacts, 'planes' | 'slab'>,
  kept: PlaneRecipe,
): number | null {
  const [first, second] = planes;
  if (!first || !isSameSlab(slab, kept.slab)) return null;
  const normal = cross(first.row, first.column);
  const away = (plane: { origin: readonly number[] }): number => dot(plane.origin as Vector, normal);
  const step = second ? away(second) - away(first) : 1;
  const at = Math.round((away(kept) - away(first)) / step);
  const plane = planes[at];
  return plane && isSameGrid(plane, kept) ? at : null;
}

export function isSamePlane(a: PlaneRecipe | null | undefined, b: PlaneRecipe | null | undefined): boolean {
  if (!a || !b) return !a && !b;
  return (
    a.series_instance_uid === b.series_instance_uid &&
    a.stack_sha256 === b.stack_sha256 &&
    isSameSlab(a.slab, b.slab) &&
    isNear(a.origin, b.origin, SAME_MM) &&
    isNear([...a.row, ...a.column], [...b.row, ...b.column], SAME_WAY) &&
    a.columns === b.columns &&
    a.rows === b.rows
  );
}

const vector = ([x, y, z]: readonly number[]): Vector => [x ?? 0, y ?? 0, z ?? 0];

export const axesOf = (kept: PlaneRecipe): Axes => ({ row: vector(kept.row), column: vector(kept.column) });

export const originOf = (kept: PlaneRecipe): Vector => vector(kept.origin);

/** The middle of the picture. */
export function centreOf(kept: PlaneRecipe): Vector {
  const { row, column } = axesOf(kept);
  const across = along(originOf(kept), row, ((kept.columns - 1) / 2) * kept.between_columns);
  return along(across, column, ((kept.rows - 1) / 2) * kept.between_rows);
}

export const isSameWay = (a: Axes, b: Axes): boolean =>
  isNear(a.row, b.row, SAME_WAY) && isNear(a.column, b.column, SAME_WAY);

/** The three planes turned so that one of them is the kept one; the others stand at right angles to it. */
export function turnOf(kept: PlaneRecipe): Turn {
  if (!kept.is_turned) return UPRIGHT;
  const { row, column } = axesOf(kept);
  const from = UPRIGHT[kept.orientation];
  const [old, now] = [
    [from.row, from.column, cross(from.row, from.column)],
    [row, column, cross(row, column)],
  ] as const;
  const moved = (way: Vector): Vector => {
    const sum = (axis: 0 | 1 | 2): number =>
      old.reduce((total, one, i) => total + dot(way, one) * (now[i]?.[axis] ?? 0), 0);
    return [sum(0), sum(1), sum(2)];
  };
  const turned = (one: Orientation): Axes => ({
    row: moved(UPRIGHT[one].row),
    column: moved(UPRIGHT[one].column),
  });
  return {
    ...(Object.fromEntries(ORIENTATIONS.map((one) => [one, turned(one)])) as Turn),
    [kept.orientation]: { row, column },
  };
}
