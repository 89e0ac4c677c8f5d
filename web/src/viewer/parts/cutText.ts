import type { PlaneRecipe } from '@/api/contract';
import type { Words } from '@/words';
import { type CutSet, isCutSet } from '../model/cuts';
import type { Slab } from '../model/reformat';
import type { DisplaySet } from '../model/stacks';
import { isVolume, type Missing, volumeOf } from '../model/volume';
import { findSet, type ViewerState } from '../state';
import { cautionText } from './CutCover';

export const slabText = ({ mode, mm }: Slab, words: Words): string =>
  mode === 'single' ? '' : words.planes.slabText(words.planes.slab[mode], String(mm));

/** Its direction alone, short enough for a button. */
export const planeName = (
  { orientation, isTurned }: Pick<CutSet['cut'], 'orientation' | 'isTurned'>,
  words: Words,
): string =>
  isTurned
    ? `${words.planes.oblique}（${words.planes.letter[orientation]}）`
    : words.planes.orientation[orientation];

/** A kept plane, as it is called in the report. */
export const keptPlaneText = (
  { orientation, is_turned: isTurned, slab }: PlaneRecipe,
  words: Words,
): string => [planeName({ orientation, isTurned }, words), slabText(slab, words)].filter(Boolean).join(' ');

/** What a plane is, in one line: its direction and what it is thick. */
export function planeText(set: DisplaySet, words: Words): string {
  if (!isCutSet(set)) return '';
  const slab = slabText(set.cut.slab, words) || words.planes.reformatted;
  return [planeName(set.cut, words), slab].join('  ');
}

const placesOf = ({ fromMm, toMm }: Missing): string =>
  fromMm === toMm ? fromMm.toFixed(1) : `${fromMm.toFixed(1)}〜${toMm.toFixed(1)}`;

/** What must stand on every plane as long as it is shown: what was corrected, and what is missing. */
export function planeNotes(state: ViewerState, set: DisplaySet, words: Words): string[] {
  const source = isCutSet(set) ? findSet(state, set.cut.sourceId) : null;
  const volume = source && volumeOf(source);
  if (!source || !volume || !isVolume(volume)) return [];
  const isAgreed = state.cutting[source.id]?.isAgreed === true;
  const count = volume.missing.reduce((sum, gap) => sum + gap.count, 0);
  const places = volume.missing.map(placesOf).join(', ');
  return [
    ...(isAgreed ? volume.cautions.map((caution) => cautionText(caution, words, 'note')) : []),
    ...(count > 0 ? [words.planes.missing(source.frames.length + count, count, places)] : []),
  ];
}
