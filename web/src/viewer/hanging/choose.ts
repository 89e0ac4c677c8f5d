/** Which protocols fit a study, the best first. Pure: the same study and protocols give the same order everywhere. */
import type { HangingProtocol, HangingWhen } from '@/api/contract';
import { hits } from './words';

/** Whose a protocol is: one's own, everybody's here, or one that came with the program. */
export type Owner = 'mine' | 'shared' | 'default';

export interface Candidate {
  id: string;
  owner: Owner;
  protocol: HangingProtocol;
}

/** What is known of a study before any image of it is described. */
export interface Occasion {
  modalities: readonly string[];
  bodyParts: readonly string[];
  studyText: string;
  seriesTexts: readonly string[];
  hasPrior: boolean;
  screens: number;
}

export interface Fit extends Candidate {
  score: number;
}

const OWNERS: Record<Owner, number> = { mine: 2000, shared: 1000, default: 0 };
/* A PET comes with a CT of some part of the body: what is for the PET goes before what is for that part. */
const NOTES = {
  modality: 100,
  pet: 100,
  bodyPart: 60,
  study: 50,
  series: 30,
  prior: 20,
  screens: 10,
  further: 1,
};
const NO_PICTURES = ['SR', 'PR', 'KO', 'DOC', 'SEG'];

/** How well it fits, or null when it is not for this study. */
export function scoreOf(when: HangingWhen, about: Occasion): number | null {
  if (when.prior === 'with' ? !about.hasPrior : when.prior === 'without' && about.hasPrior) return null;
  if (about.screens < when.screens_least) return null;
  const pictured = about.modalities.filter((one) => !NO_PICTURES.includes(one));
  const isModality = when.modalities.some((one) => pictured.includes(one));
  if (when.modalities.length > 0 && !isModality) return null;
  const all = [about.studyText, ...about.bodyParts, ...about.seriesTexts];
  if (all.some((text) => hits(text, when.without) > 0)) return null;
  const of = (texts: readonly string[]): number =>
    Math.max(0, ...texts.map((text) => hits(text, when.words)));
  const [part, study, series] = [of(about.bodyParts), of([about.studyText]), of(about.seriesTexts)];
  if (when.words.length > 0 && part + study + series === 0) return null;
  return (
    (isModality ? NOTES.modality : 0) +
    (isModality && pictured.includes('PT') && when.modalities.includes('PT') ? NOTES.pet : 0) +
    (part ? NOTES.bodyPart : study ? NOTES.study : series ? NOTES.series : 0) +
    (study + series) * NOTES.further +
    (when.prior !== 'any' ? NOTES.prior : 0) +
    (when.screens_least - 1) * NOTES.screens
  );
}

/** Best first: one's own before everybody's before the program's, then by score, then in the order given. */
export function fitsOf(candidates: readonly Candidate[], hidden: readonly string[], about: Occasion): Fit[] {
  return candidates
    .filter(({ id }) => !hidden.includes(id))
    .flatMap((one, at) => {
      const score = scoreOf(one.protocol.when, about);
      return score === null ? [] : [{ ...one, score: score + OWNERS[one.owner], at }];
    })
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .map(({ at: _at, ...fit }) => fit);
}
