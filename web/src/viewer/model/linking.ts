/** Scrolling two stacks together by place in the patient, not by slice number. */
import type { DisplaySet } from './stacks';
import { angleBetween, opposite } from './vectors';

const COMPARABLE_DEG = 15;

export type LinkKind = 'same_space' | 'offset' | 'none';

export interface Link {
  kind: LinkKind;
  /** Added to a position of the source (mm along its normal) to get the position in the target. */
  offsetMm: number;
  /** -1 when the normals of the two stacks point against each other. */
  sign: 1 | -1;
  /** Somebody aligned the two studies. */
  isByHand?: true;
}

const NO_LINK: Link = { kind: 'none', offsetMm: 0, sign: 1 };

const frameOfReference = (set: DisplaySet): string | null => set.frames[0]?.frameOfReferenceUid ?? null;

function relativeSign(source: DisplaySet, target: DisplaySet): 1 | -1 | null {
  if (!source.normal || !target.normal) return null;
  if (angleBetween(source.normal, target.normal) <= COMPARABLE_DEG) return 1;
  return angleBetween(source.normal, opposite(target.normal)) <= COMPARABLE_DEG ? -1 : null;
}

export function mayLink(source: DisplaySet, target: DisplaySet): boolean {
  return (
    source.positionsMm.length > 1 && target.positionsMm.length > 1 && relativeSign(source, target) !== null
  );
}

/**
 * Same Frame of Reference of one study: positions mean the same place, nothing to align. Otherwise the two slices shown now are
 * declared to be the same place and the distance between them is kept.
 */
export function linkStacks(
  source: DisplaySet,
  sourceIndex: number,
  target: DisplaySet,
  targetIndex: number,
): Link {
  const sign = relativeSign(source, target);
  if (sign === null || !mayLink(source, target)) return NO_LINK;
  const isSameSpace =
    source.studyUid === target.studyUid &&
    frameOfReference(source) !== null &&
    frameOfReference(source) === frameOfReference(target);
  if (isSameSpace) return { kind: 'same_space', offsetMm: 0, sign };
  const from = source.positionsMm[sourceIndex];
  const to = target.positionsMm[targetIndex];
  if (from === undefined || to === undefined) return NO_LINK;
  return { kind: 'offset', offsetMm: to - sign * from, sign };
}

export interface Linked {
  index: number;
  /** How far the nearest slice is from the wanted place; more than half a slice gap means outside the stack. */
  distanceMm: number;
}

/** The slice of the target nearest to the place the source shows, or null when the two are not linked. */
export function linkedIndex(
  link: Link,
  source: DisplaySet,
  sourceIndex: number,
  target: DisplaySet,
): Linked | null {
  const from = source.positionsMm[sourceIndex];
  if (link.kind === 'none' || from === undefined || target.positionsMm.length === 0) return null;
  const wanted = link.sign * from + link.offsetMm;
  let best: Linked = { index: 0, distanceMm: Number.POSITIVE_INFINITY };
  target.positionsMm.forEach((at, index) => {
    const distanceMm = Math.abs(at - wanted);
    if (distanceMm < best.distanceMm) best = { index, distanceMm };
  });
  return best;
}
