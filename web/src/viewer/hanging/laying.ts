/** Why the program does not cut a plane of its own accord: what a reader would have to agree to, or be told of, comes first. */
import type { Words } from '@/words';
import type { DisplaySet } from '../model/stacks';
import { isVolume, volumeOf } from '../model/volume';

/** Null when a plane may hang without anybody's leave. */
export function whyNotLaid(set: DisplaySet, isAgreed: boolean, words: Words): string | null {
  const p = words.planes;
  const volume = volumeOf(set);
  if (!isVolume(volume)) return p.refused[volume];
  const [caution] = isAgreed ? [] : volume.cautions;
  if (caution?.kind === 'tilted') return p.caution.tilted(caution.degrees.toFixed(1));
  if (caution) return p.caution.uneven(caution.leastMm.toFixed(1), caution.mostMm.toFixed(1));
  const count = volume.missing.reduce((sum, gap) => sum + gap.count, 0);
  return count > 0 ? p.lacks(set.frames.length + count, count) : null;
}
