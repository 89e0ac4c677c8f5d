/** Which stack to show first, and which stack of a prior belongs beside it. Pure scoring, no protocol files yet. */
import type { DisplaySet } from './stacks';
import { angleBetween } from './vectors';

const modality = (set: DisplaySet): string => set.frames[0]?.modality ?? '';
const thickness = (set: DisplaySet): number => set.frames[0]?.thicknessMm ?? set.spacingMm ?? 0;

/** Angle between the planes of two stacks, 0 to 90; 90 when unknown. */
function planeAngle(a: DisplaySet, b: DisplaySet): number {
  if (!a.normal || !b.normal) return 90;
  const angle = angleBetween(a.normal, b.normal);
  return Math.min(angle, 180 - angle);
}

/** The first real stack in series order: not a scout, and more than a handful of slices if there is one. */
export function firstToShow(sets: readonly DisplaySet[]): DisplaySet | null {
  const real = sets.filter((set) => !set.isLocalizer);
  return real.find((set) => set.frames.length >= 5) ?? real[0] ?? sets[0] ?? null;
}

/** Smaller is closer. Window of the reconstruction (bone, soft tissue) is judged by the width stored with the image. */
function distance(a: DisplaySet, b: DisplaySet): number {
  const width = (set: DisplaySet): number => set.frames[0]?.windows[0]?.width ?? 0;
  const unlike = modality(a) === modality(b) ? 0 : 1000;
  const thicker = Math.abs(Math.log((thickness(a) || 1) / (thickness(b) || 1))) * 20;
  const harder = Math.abs(Math.log((width(a) || 1) / (width(b) || 1))) * 10;
  return (
    unlike +
    planeAngle(a, b) * 5 +
    thicker +
    harder +
    (b.isLocalizer ? 500 : 0) +
    (b.frames.length < 2 ? 50 : 0)
  );
}

export function bestMatch(current: DisplaySet, candidates: readonly DisplaySet[]): DisplaySet | null {
  return [...candidates].sort((a, b) => distance(current, a) - distance(current, b))[0] ?? null;
}
