/** Which stack may be laid over which, or why none may. */
import { sharesSpace } from '../model/lines';
import type { DisplaySet } from '../model/stacks';
import { isVolume, type NoVolume, volumeOf } from '../model/volume';

/** What makes a stack no volume one may lay over another, or lay another over. */
export type BadShape = NoVolume | 'gap' | 'tilted' | 'uneven';

export type NoFusion =
  | { why: 'base' | 'none' | 'space' }
  | { why: 'base_shape' | 'overlay_shape'; shape: BadShape };

const BASES = new Set(['CT', 'MR']);
const OVERLAYS = new Set(['PT', 'NM']);

const modalityOf = (set: DisplaySet): string => set.frames[0]?.modality ?? '';

/** A gap would be bridged by nothing, a leaning stack by something that is not there: neither is guessed. */
export function whyNotWhole(set: DisplaySet): BadShape | null {
  const volume = volumeOf(set);
  if (!isVolume(volume)) return volume;
  if (volume.missing.length > 0) return 'gap';
  return volume.cautions[0]?.kind ?? null;
}

const countsSuv = (set: DisplaySet): number => (set.frames[0]?.suv?.kind === 'factor' ? 1 : 0);

/** The stacks that may be laid over this one, the best first: told in SUV, then the one of most slices. */
export function overlaysFor(base: DisplaySet, all: readonly DisplaySet[]): readonly DisplaySet[] | NoFusion {
  if (!BASES.has(modalityOf(base))) return { why: 'base' };
  const shape = whyNotWhole(base);
  if (shape) return { why: 'base_shape', shape };
  const some = all
    .filter((set) => OVERLAYS.has(modalityOf(set)) && set.studyUid === base.studyUid)
    .sort((a, b) => countsSuv(b) - countsSuv(a) || b.frames.length - a.frames.length);
  if (some.length === 0) return { why: 'none' };
  const near = some.filter((set) => sharesSpace(base, set));
  const fit = near.filter((set) => !whyNotWhole(set));
  if (fit.length > 0) return fit;
  const [first] = near;
  const bad = first ? whyNotWhole(first) : whyNotWhole(some[0] as DisplaySet);
  /* A stack without any frame of reference shares none: what it lacks says more than that it is another one. */
  if (bad && (first || bad === 'frame_of_reference')) return { why: 'overlay_shape', shape: bad };
  return { why: 'space' };
}

export const isRefused = (found: readonly DisplaySet[] | NoFusion): found is NoFusion => 'why' in found;

const earliest = (set: DisplaySet): number | null => {
  const known = set.frames.flatMap(({ acquiredS }) => (acquiredS === null ? [] : [acquiredS]));
  return known.length === set.frames.length && known.length > 0 ? Math.min(...known) : null;
};

/** Minutes from the beginning of the one acquisition to that of the other; null where a file does not say. */
export function minutesBetween(base: DisplaySet, overlay: DisplaySet): number | null {
  const [from, to] = [earliest(base), earliest(overlay)];
  return from === null || to === null ? null : (to - from) / 60;
}
