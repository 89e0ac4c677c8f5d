/** Every protocol there is to choose from, and what is known of a study when one is chosen. */
import { queries } from '@/api/cache';
import type { StudyImages } from '@/api/contract';
import { tellProblem } from '@/ui/feedback';
import { settings } from '@/ui/settings';
import type { StudyView } from '../state';
import type { Candidate, Occasion } from './choose';
import { DEFAULTS } from './defaults';
import { sharedQuery } from './known';

const PATIENCE_MS = 4000;

/** Protocols of one's own, of everybody here and of the program. Without the hub the program's own still hang. */
async function known(): Promise<Candidate[]> {
  const shared = await queries.fetchQuery(sharedQuery).catch((error: unknown) => {
    tellProblem(error);
    return [];
  });
  await settings.known;
  const mine = settings.store.get().document.hanging.protocols;
  return [
    ...mine.map((protocol, at): Candidate => ({ id: `mine.${at}`, owner: 'mine', protocol })),
    ...shared.map(({ id, protocol }): Candidate => ({ id: `shared.${id}`, owner: 'shared', protocol })),
    ...DEFAULTS,
  ];
}

/** Pictures do not wait long for anybody's wishes about where they hang. */
const builtInLate = (): Promise<readonly Candidate[]> =>
  new Promise((resolve) => setTimeout(() => resolve(DEFAULTS), PATIENCE_MS));

export const candidates = (): Promise<readonly Candidate[]> => Promise.race([known(), builtInLate()]);

const modalitiesOf = (study: StudyImages): string[] => [
  ...new Set([...study.study.modalities, ...study.series.map((one) => one.modality)]),
];

const sharesModality = (a: StudyImages, b: StudyImages): boolean =>
  modalitiesOf(a).some((one) => modalitiesOf(b).includes(one));

/** The prior to hang beside the current study: the first of like modality. The hub gives the relevant ones first. */
export function priorOf(studies: readonly StudyView[]): StudyView | null {
  const current = studies.find((one) => one.role === 'current');
  const like = studies.find(
    (one) => one.role === 'prior' && current && sharesModality(one.source, current.source),
  );
  return like ?? null;
}

export function occasionOf(studies: readonly StudyView[], screens = 1): Occasion | null {
  const current = studies.find((one) => one.role === 'current')?.source;
  if (!current) return null;
  const { study, series } = current;
  return {
    modalities: modalitiesOf(current),
    bodyParts: [...new Set([study.body_part, ...series.map((one) => one.body_part)])].filter(Boolean),
    studyText: study.description,
    seriesTexts: series.map((one) => one.description).filter(Boolean),
    hasPrior: priorOf(studies) !== null,
    screens,
  };
}

/** The modality a layout is remembered under. */
export const mainModality = (studies: readonly StudyView[]): string =>
  studies.find((one) => one.role === 'current')?.series[0]?.modality ?? '';
