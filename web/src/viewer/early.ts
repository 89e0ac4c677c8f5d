/** What a case needs first, asked as soon as the hub has said what there is: before anything has been drawn. Light, without the engine. */
import type { ImagesOut, ReadingDetail, StudyDetail } from '@/api/contract';
import { Early } from '@/api/early';
import { readings, studies } from '@/api/hub';
import type { DicomJson } from './model/metadata';
import type { Manifest } from './model/prefixes';
import { fetchDescriptions, fetchManifest, seriesAddress, studyAddress } from './series';

const DESCRIBED_EARLY = 3;

export const early = {
  reading: new Early<ReadingDetail>(),
  readingImages: new Early<ImagesOut>(),
  study: new Early<StudyDetail>(),
  studyImages: new Early<ImagesOut>(),
  descriptions: new Early<DicomJson[]>(),
  manifest: new Early<Manifest>(),
};

/** The first series of the study in question, unless they are described already, and where the pictures of their packs end. */
function foresee({ studies: all }: ImagesOut, isDescribed: (address: string) => boolean): void {
  const current = all.find(({ role }) => role === 'current');
  if (!current) return;
  const { study, series, dicomweb_root: root } = current;
  const address = studyAddress(root, study.study_instance_uid);
  early.manifest.begin(address, () => fetchManifest(address));
  for (const { series_instance_uid: uid } of series.slice(0, DESCRIBED_EARLY)) {
    const one = seriesAddress(root, study.study_instance_uid, uid);
    if (!isDescribed(one)) early.descriptions.begin(one, () => fetchDescriptions(one));
  }
}

/** The same images; what they need first is on its way. */
export async function foreseen(
  images: Promise<ImagesOut>,
  isDescribed: (address: string) => boolean = () => false,
): Promise<ImagesOut> {
  const found = await images;
  foresee(found, isDescribed);
  return found;
}

/** The case this address is about, if it is about one. */
export function beginCase(path: string): void {
  const [, kind, number] = /^\/(reading|studies)\/(\d+)(?:\/images)?\/?$/.exec(path) ?? [];
  const id = Number(number);
  if (kind === 'reading') {
    early.reading.begin(id, () => readings.get(id));
    early.readingImages.begin(id, () => foreseen(readings.images(id)));
  } else if (kind === 'studies') {
    early.study.begin(id, () => studies.get(id));
    early.studyImages.begin(id, () => foreseen(studies.images(id)));
  }
}
