/** Marks of one case drawn in two windows: what changed here since both agreed, and both put together. Pure. */
import type { KeptMark } from '@/api/contract';
import { isSamePlane } from '@/viewer/model/recipes';

export interface MarksChange {
  put: readonly KeptMark[];
  gone: readonly string[];
}

export const isNothing = ({ put, gone }: MarksChange): boolean => put.length === 0 && gone.length === 0;

/** The way through the engine's space costs some millionths of a pixel; a hand does not move by less than this. */
const STILL_PX = 0.005;

const isSamePoint = ([x, y]: readonly number[], [a, b]: readonly number[]): boolean =>
  Math.abs((x ?? 0) - (a ?? 0)) < STILL_PX && Math.abs((y ?? 0) - (b ?? 0)) < STILL_PX;

/** The words beside a mark are not compared: they are those of the window that sees its image. */
const isSame = (a: KeptMark, b: KeptMark): boolean =>
  a.kind === b.kind &&
  (a.sop_instance_uid ?? null) === (b.sop_instance_uid ?? null) &&
  (a.frame_number ?? null) === (b.frame_number ?? null) &&
  isSamePlane(a.plane, b.plane) &&
  a.is_closed === b.is_closed &&
  a.text === b.text &&
  a.points.length === b.points.length &&
  a.points.every((point, i) => isSamePoint(point, b.points[i] ?? [Infinity, Infinity]));

/** What leads from one list to the other. */
export function changeBetween(before: readonly KeptMark[], after: readonly KeptMark[]): MarksChange {
  const old = new Map(before.map((mark) => [mark.id, mark]));
  const ids = new Set(after.map(({ id }) => id));
  const isNew = (mark: KeptMark): boolean => {
    const known = old.get(mark.id);
    return !known || !isSame(known, mark);
  };
  return { put: after.filter(isNew), gone: before.filter(({ id }) => !ids.has(id)).map(({ id }) => id) };
}

/** Of what changed elsewhere, that which was not changed here meanwhile: the hand that moves a mark now has it. */
export function untouched(theirs: MarksChange, mine: MarksChange): MarksChange {
  const held = new Set([...mine.gone, ...mine.put.map(({ id }) => id)]);
  return {
    put: theirs.put.filter(({ id }) => !held.has(id)),
    gone: theirs.gone.filter((id) => !held.has(id)),
  };
}

/** Of a change, what is not so already. */
export function newTo(marks: readonly KeptMark[], { put, gone }: MarksChange): MarksChange {
  const known = new Map(marks.map((mark) => [mark.id, mark]));
  const isNew = (mark: KeptMark): boolean => {
    const now = known.get(mark.id);
    return !now || !isSame(now, mark);
  };
  return { put: put.filter(isNew), gone: gone.filter((id) => known.has(id)) };
}
