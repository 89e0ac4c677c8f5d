/** What a case needs first, asked as soon as the hub has said what there is: before anything has been drawn. Light, without the engine. */
import type { ImagesOut, ReadingDetail, StudyDetail } from '@/api/contract';
import { Early } from '@/api/early';
import { readings, studies } from '@/api/hub';
import { ahead } from './ahead';
import { type FrameBytes, fetchFrame } from './engine/fetching';
import { wakeDecoder } from './engine/htj2k';
import { foreseenIn } from './model/foresight';
import { type DicomJson, imageIdOf } from './model/metadata';
import {
  absolute,
  fetchDescriptions,
  fetchManifest,
  type StudyManifest,
  seriesAddress,
  studyAddress,
} from './series';

const DESCRIBED_EARLY = 3;
/** Of the only stack there is: about as much as a home line carries while the screen is being built. */
const FORESEEN = 8;

export const early = {
  reading: new Early<ReadingDetail>(),
  readingImages: new Early<ImagesOut>(),
  study: new Early<StudyDetail>(),
  studyImages: new Early<ImagesOut>(),
  descriptions: new Early<DicomJson[]>(),
  manifest: new Early<StudyManifest>(),
  frame: new Early<FrameBytes>(),
  /** The case itself has asked for frames by now: it knows better. */
  isAsked: false,
};

/** The first series of the study in question, unless they are described already, and where the pictures of their packs end. */
function foresee({ studies: all }: ImagesOut, isDescribed: (address: string) => boolean): void {
  const current = all.find(({ role }) => role === 'current');
  if (!current) return;
  const { study, series, dicomweb_root: root } = current;
  const address = studyAddress(root, study.study_instance_uid);
  const first = series.slice(0, DESCRIBED_EARLY).map((one) => one.series_instance_uid);
  early.isAsked = first.some((uid) => isDescribed(seriesAddress(root, study.study_instance_uid, uid)));
  early.manifest.begin(address, async () => {
    const manifest = await fetchManifest(address);
    if (!early.isAsked) guess(manifest, address, first);
    return manifest;
  });
  for (const uid of first) {
    const one = seriesAddress(root, study.study_instance_uid, uid);
    if (!isDescribed(one)) early.descriptions.begin(one, () => fetchDescriptions(one));
  }
}

/**
 * The slice that most likely stands on screen first. Wrong, it costs one small request; where there is but one stack it cannot be, and
 * the slices beside it come too, while the screen is still being built.
 */
function guess({ series }: StudyManifest, address: string, uids: readonly string[]): void {
  const stacks = uids.flatMap((uid) => {
    const one = series.find(({ series_instance_uid }) => series_instance_uid === uid);
    const slices = one ? foreseenIn(one) : [];
    return slices.length > 0 ? [{ uid, slices }] : [];
  });
  const [stack] = stacks;
  if (!stack) return;
  const [middle, ...beside] = stack.slices.map(({ sopInstanceUid, frameNumber }) =>
    imageIdOf(absolute(`${address}/series/${stack.uid}`), sopInstanceUid, frameNumber),
  );
  if (!middle) return;
  const first = fetchFrame(middle, { isUrgent: true });
  early.frame.begin(middle, () => first);
  if (stacks.length > 1 || series.length > 1) return;
  first.then(() => goOn(beside.slice(0, FORESEEN))).catch(() => undefined);
}

/** Two at a time, until the case asks for itself. */
async function goOn(frames: string[]): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let next = frames.shift(); next !== undefined && !early.isAsked; next = frames.shift()) {
      const found = fetchFrame(next, { isUrgent: false });
      early.frame.begin(next, () => found);
      await found;
    }
  };
  await Promise.all([worker(), worker()]);
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

/** The answer to a claim is the case itself: it is not asked for again. */
export function openWith(reading: ReadingDetail): ReadingDetail {
  early.reading.begin(reading.id, () => Promise.resolve(reading));
  return reading;
}

/** Of a reading that is about to be opened: its images may be seen already, while the claim is still on its way. */
export const beginImages = (reading: number): void =>
  early.readingImages.begin(reading, () =>
    foreseen(readings.images(reading), (address) => ahead.describe(address) !== null),
  );

/** The case this address is about, if it is about one. */
export function beginCase(path: string): void {
  const [, kind, number] = /^\/(reading|studies)\/(\d+)(?:\/images(?:\/\d)?)?\/?$/.exec(path) ?? [];
  if (!kind) return;
  wakeDecoder();
  const id = Number(number);
  if (kind === 'reading') {
    early.reading.begin(id, () => readings.get(id));
    beginImages(id);
  } else {
    early.study.begin(id, () => studies.get(id));
    early.studyImages.begin(id, () => foreseen(studies.images(id)));
  }
}
