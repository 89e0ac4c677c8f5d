/** What a case needs first, asked as soon as the hub has said what there is: before anything has been drawn. Light, without the engine. */
import type { ImagesOut, ReadingDetail, StudyDetail } from '@/api/contract';
import { Early } from '@/api/early';
import { readings, studies } from '@/api/hub';
import { type FrameBytes, fetchFrame } from './engine/fetching';
import { wakeDecoder } from './engine/htj2k';
import { type DicomJson, framesOf } from './model/metadata';
import type { Manifest } from './model/prefixes';
import { displaySetsOf, middleOf } from './model/stacks';
import { absolute, fetchDescriptions, fetchManifest, seriesAddress, studyAddress } from './series';

const DESCRIBED_EARLY = 3;
/** Fewer are a scout or single pictures, which may be large and may hang anywhere. */
const STACK_FRAMES = 10;
const LARGEST_PIXELS = 1024 * 1024;

export const early = {
  reading: new Early<ReadingDetail>(),
  readingImages: new Early<ImagesOut>(),
  study: new Early<StudyDetail>(),
  studyImages: new Early<ImagesOut>(),
  descriptions: new Early<DicomJson[]>(),
  manifest: new Early<Manifest>(),
  frame: new Early<FrameBytes>(),
};

/** The first series of the study in question, unless they are described already, and where the pictures of their packs end. */
function foresee({ studies: all }: ImagesOut, isDescribed: (address: string) => boolean): void {
  const current = all.find(({ role }) => role === 'current');
  if (!current) return;
  const { study, series, dicomweb_root: root } = current;
  const address = studyAddress(root, study.study_instance_uid);
  early.manifest.begin(address, () => fetchManifest(address));
  let isGuessed = false;
  for (const { series_instance_uid: uid } of series.slice(0, DESCRIBED_EARLY)) {
    const one = seriesAddress(root, study.study_instance_uid, uid);
    if (isDescribed(one)) continue;
    const described = async (): Promise<DicomJson[]> => {
      const found = await fetchDescriptions(one);
      if (!isGuessed) isGuessed = guess(found, absolute(one), uid, study.study_instance_uid);
      return found;
    };
    early.descriptions.begin(one, described);
  }
}

/** The slice that most likely stands on screen first: the middle of a stack. Wrong, it costs one small request. */
function guess(described: readonly DicomJson[], address: string, uid: string, studyUid: string): boolean {
  const frames = described.flatMap((json) => framesOf(json, address));
  const set = displaySetsOf(frames, uid, studyUid).find(
    (one) => !one.isLocalizer && one.frames.length >= STACK_FRAMES,
  );
  const first = set?.frames[middleOf(set)];
  if (!first || first.rows * first.columns > LARGEST_PIXELS) return false;
  early.frame.begin(first.imageId, () => fetchFrame(first.imageId, { isUrgent: true }));
  return true;
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
  const [, kind, number] = /^\/(reading|studies)\/(\d+)(?:\/images(?:\/\d)?)?\/?$/.exec(path) ?? [];
  if (!kind) return;
  wakeDecoder();
  const id = Number(number);
  if (kind === 'reading') {
    early.reading.begin(id, () => readings.get(id));
    early.readingImages.begin(id, () => foreseen(readings.images(id)));
  } else {
    early.study.begin(id, () => studies.get(id));
    early.studyImages.begin(id, () => foreseen(studies.images(id)));
  }
}
