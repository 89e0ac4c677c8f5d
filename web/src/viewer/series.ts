import { reach } from '@/api/client';
import type { StudyImages } from '@/api/contract';
import { problemFrom } from '@/api/problem';
import type { Foreseeable } from './model/foresight';
import type { DicomJson } from './model/metadata';
import type { PackedSeries } from './model/prefixes';
import type { SeriesView } from './state';

export const seriesAddress = (root: string, studyUid: string, seriesUid: string): string =>
  `${root}/studies/${studyUid}/series/${seriesUid}`;

export const studyAddress = (root: string, studyUid: string): string => `${root}/studies/${studyUid}`;

export const absolute = (address: string): string => new URL(address, location.href).href;

/** What the hub says of every image of a series; a Problem if it says nothing. */
export async function fetchDescriptions(address: string, signal?: AbortSignal): Promise<DicomJson[]> {
  const headers = { Accept: 'application/dicom+json' };
  const answer = await reach(`${address}/metadata`, { headers, signal, cache: 'no-store' });
  if (!answer.ok) throw await problemFrom(answer);
  return (await answer.json()) as DicomJson[];
}

/** The part of a study's manifest that is read here (docs/manifest.md). */
export interface StudyManifest {
  series: readonly (Foreseeable & PackedSeries)[];
}

/** Which frames of a study are packed, and where their resolutions end (docs/manifest.md). */
export async function fetchManifest(address: string, signal?: AbortSignal): Promise<StudyManifest> {
  const answer = await reach(`${address}/manifest`, { signal, cache: 'no-store' });
  if (!answer.ok) throw await problemFrom(answer);
  return (await answer.json()) as StudyManifest;
}

/** What the hub says it holds, before any description of the images has come. */
export function seriesViews({ study, series }: StudyImages): SeriesView[] {
  return series.map((one) => ({
    uid: one.series_instance_uid,
    studyUid: study.study_instance_uid,
    number: one.series_number,
    modality: one.modality,
    description: one.description,
    declared: { instances: one.instance_count, frames: one.frame_count },
    status: 'waiting',
    sets: [],
    facts: {},
    withoutPicture: 0,
    documents: [],
    full: 0,
    failed: 0,
  }));
}

/** Acts on every item, a few at a time, in their order. */
export async function inParallel<Item>(
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
