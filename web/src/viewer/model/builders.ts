import type { Frame } from './metadata';
import { type PictureFacts, pictureOf } from './picture';
import { type DisplaySet, displaySetsOf } from './stacks';

/** Twelve of sixteen bits, grey, nothing special. */
export const aPicture = (change: Partial<PictureFacts> = {}): PictureFacts => ({
  ...pictureOf({}),
  photometric: 'MONOCHROME2',
  ...change,
});

/** A frame for tests: axial, 1 mm pixels, unless told otherwise. */
export function aFrame(change: Partial<Frame> = {}): Frame {
  return {
    imageId: `wadors:/f/${change.instanceNumber ?? 1}`,
    sopInstanceUid: `1.2.${change.instanceNumber ?? 1}`,
    frameNumber: 1,
    instanceNumber: 1,
    position: [0, 0, 0],
    row: [1, 0, 0],
    column: [0, 1, 0],
    pixelSpacing: [1, 1],
    imagerSpacing: null,
    magnification: null,
    calibrationType: '',
    aspect: null,
    regions: [],
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    thicknessMm: 1,
    rows: 512,
    columns: 512,
    frameOfReferenceUid: '1.2.3',
    windows: [],
    imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    isLossy: false,
    isColour: false,
    isLowWhite: false,
    modality: 'CT',
    slope: 1,
    intercept: 0,
    rescaleType: 'HU',
    petUnits: '',
    isMultiEnergy: false,
    hasModalityLut: false,
    voiFunction: 'LINEAR',
    shutter: null,
    picture: aPicture(),
    clip: null,
    suv: null,
    acquiredS: null,
    acquisitionNumber: null,
    echoNumber: null,
    ...change,
  };
}

/** An axial stack with these z positions, in the order they are numbered. */
export function aStack(z: readonly number[], change: Partial<Frame> = {}, studyUid = 'study'): DisplaySet {
  const frames = z.map((at, i) =>
    aFrame({ imageId: `wadors:/${studyUid}/${i}`, instanceNumber: i + 1, position: [0, 0, at], ...change }),
  );
  const [set] = displaySetsOf(frames, `${studyUid}.series`, studyUid);
  if (!set) throw new Error('A stack needs frames.');
  return set;
}
