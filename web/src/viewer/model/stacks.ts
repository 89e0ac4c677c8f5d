/** From the frames of a series to display sets: stacks that scroll through one direction of space, in order. */
import type { Frame } from './metadata';
import { sha256 } from './sha256';
import { angleBetween, cross, dot, minus, norm, unit, type Vector } from './vectors';

export type Order = 'position' | 'instance_number' | 'as_sent';

export interface DisplaySet {
  id: string;
  seriesUid: string;
  studyUid: string;
  frames: readonly Frame[];
  order: Order;
  /** Unit normal of the slices when all share one orientation. */
  normal: Vector | null;
  /** Position along the normal in mm, one a frame; empty when the order is not by position. */
  positionsMm: readonly number[];
  /** Gap between neighbouring slices in mm when even, otherwise null. */
  spacingMm: number | null;
  /** Slices step sideways (gantry tilt): distances across slices are not along the normal. */
  isTilted: boolean;
  isLocalizer: boolean;
  part: { index: number; count: number };
}

const names = new WeakMap<DisplaySet, string>();

/** The stack's name, by which the hub finds it too: a hash over its instances and frames, whatever their order. */
export function stackSha256(set: DisplaySet): string {
  const found =
    names.get(set) ??
    sha256(
      set.frames
        .map(({ sopInstanceUid, frameNumber }) => `${sopInstanceUid}/${frameNumber}`)
        .sort()
        .join('\n'),
    );
  names.set(set, found);
  return found;
}

export const middleOf = (set: DisplaySet): number => Math.floor((set.frames.length - 1) / 2);

const SAME_DIRECTION_DEG = 3;
const SAME_PLACE_MM = 1e-3;
const PROJECTIONS = new Set(['MG', 'DX', 'CR']);

export function normalOf(frame: Frame): Vector | null {
  return frame.row && frame.column ? unit(cross(frame.row, frame.column)) : null;
}

const byInstance = (a: Frame, b: Frame): number =>
  (a.instanceNumber ?? Number.MAX_SAFE_INTEGER) - (b.instanceNumber ?? Number.MAX_SAFE_INTEGER) ||
  a.frameNumber - b.frameNumber;

function fits(frame: Frame, group: readonly Frame[]): boolean {
  const first = group[0];
  if (!first) return true;
  /* A film is a stack of its own: two clips in one would play into each other. */
  if ((frame.clip || first.clip) && frame.sopInstanceUid !== first.sopInstanceUid) return false;
  if (frame.rows !== first.rows || frame.columns !== first.columns || frame.isColour !== first.isColour)
    return false;
  if (frame.echoNumber !== first.echoNumber) return false;
  /* Each projection is a picture of its own: views and sides of one series do not scroll into each other. */
  if (PROJECTIONS.has(frame.modality) && frame.sopInstanceUid !== first.sopInstanceUid) return false;
  if (isLocalizer(frame) !== isLocalizer(first)) return false;
  const [a, b] = [normalOf(frame), normalOf(first)];
  if (!a || !b) return a === b;
  return frame.row !== null && first.row !== null && angleBetween(a, b) < SAME_DIRECTION_DEG
    ? angleBetween(frame.row, first.row) < SAME_DIRECTION_DEG
    : false;
}

const isLocalizer = (frame: Frame): boolean => frame.imageType.includes('LOCALIZER');

/** Frames of different matrix, orientation, colour or echo do not belong in one stack. Groups keep the order of first appearance. */
export function splitByShape(frames: readonly Frame[]): Frame[][] {
  const groups: Frame[][] = [];
  for (const frame of [...frames].sort(byInstance)) {
    const home = groups.find((group) => fits(frame, group));
    if (home) home.push(frame);
    else groups.push([frame]);
  }
  return groups;
}

interface Sorted {
  frames: Frame[];
  order: Order;
  normal: Vector | null;
  positionsMm: number[];
}

function sortByPosition(frames: readonly Frame[], normal: Vector): Sorted {
  const placed = frames.map((frame) => ({ frame, at: dot(frame.position as Vector, normal) }));
  placed.sort((a, b) => (Math.abs(a.at - b.at) > SAME_PLACE_MM ? a.at - b.at : byInstance(a.frame, b.frame)));
  const first = placed[0];
  const last = placed[placed.length - 1];
  /* The sequence of acquisition decides from which end to begin; the geometry decides the order. */
  if (first && last && byInstance(first.frame, last.frame) > 0) placed.reverse();
  return {
    frames: placed.map((p) => p.frame),
    order: 'position',
    normal,
    positionsMm: placed.map((p) => p.at),
  };
}

/** In order of position along the slice normal; by Instance Number where positions are missing; otherwise as sent. */
export function sortFrames(frames: readonly Frame[]): Sorted {
  const normal = frames[0] ? normalOf(frames[0]) : null;
  const isPlaced = normal !== null && frames.every((frame) => frame.position !== null);
  if (normal && isPlaced && frames.length > 1) {
    const sorted = sortByPosition(frames, normal);
    const span = Math.abs((sorted.positionsMm.at(-1) ?? 0) - (sorted.positionsMm[0] ?? 0));
    if (span > SAME_PLACE_MM) return sorted;
  }
  const isNumbered = frames.every((frame) => frame.instanceNumber !== null);
  const positionsMm = normal && isPlaced ? frames.map((f) => dot(f.position as Vector, normal)) : [];
  if (frames.length === 1) return { frames: [...frames], order: 'position', normal, positionsMm };
  const order = isNumbered ? 'instance_number' : 'as_sent';
  return { frames: isNumbered ? [...frames].sort(byInstance) : [...frames], order, normal, positionsMm: [] };
}

/** The even gap between slices, or null when gaps differ by more than 2 % or 0.05 mm: something may be missing. */
export function evenSpacing(positionsMm: readonly number[]): number | null {
  if (positionsMm.length < 2) return null;
  const gaps = positionsMm.slice(1).map((at, i) => Math.abs(at - (positionsMm[i] ?? at)));
  const typical = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  const allowed = Math.max(0.05, typical * 0.02);
  return typical > SAME_PLACE_MM && gaps.every((gap) => Math.abs(gap - typical) <= allowed) ? typical : null;
}

/** True when the way from the first to the last slice leans more than 1° from the normal. */
export function isTilted(frames: readonly Frame[], normal: Vector | null): boolean {
  const first = frames[0]?.position;
  const last = frames.at(-1)?.position;
  if (!first || !last || !normal) return false;
  const way = minus(last, first);
  if (norm(way) < SAME_PLACE_MM) return false;
  const lean = angleBetween(way, normal);
  return Math.min(lean, 180 - lean) > 1;
}

export function displaySetsOf(frames: readonly Frame[], seriesUid: string, studyUid: string): DisplaySet[] {
  const groups = splitByShape(frames);
  return groups.map((group, index) => {
    const sorted = sortFrames(group);
    return {
      id: `${seriesUid}#${index + 1}`,
      seriesUid,
      studyUid,
      ...sorted,
      spacingMm: evenSpacing(sorted.positionsMm),
      isTilted: sorted.order === 'position' && isTilted(sorted.frames, sorted.normal),
      isLocalizer: group.every(isLocalizer),
      part: { index: index + 1, count: groups.length },
    };
  });
}
