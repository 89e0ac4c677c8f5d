/** Reads what the viewer needs out of DICOM JSON (PS3.18 F), one entry a frame. Nothing here is trusted to be present. */
import { type Clip, clipOf } from './cine';
import { type PictureFacts, pictureOf, type Shutter, shutterOf, type VoiFunction } from './picture';
import { acquiredOf, type Suv, suvOf } from './suv';
import type { Vector } from './vectors';

export interface Element {
  vr: string;
  Value?: unknown[];
  InlineBinary?: string;
  BulkDataURI?: string;
}
export type DicomJson = Record<string, Element | undefined>;

/** One image that can be shown: a frame of an instance. */
export interface Frame {
  imageId: string;
  sopInstanceUid: string;
  frameNumber: number;
  instanceNumber: number | null;
  position: Vector | null;
  row: Vector | null;
  column: Vector | null;
  /** [between rows, between columns] in mm, only when Pixel Spacing says so. Where in space it holds is calibration.ts's answer. */
  pixelSpacing: Spacing | null;
  /** At the front of the detector (0018,1164). */
  imagerSpacing: Spacing | null;
  /** Estimated Radiographic Magnification Factor (0018,1114). */
  magnification: number | null;
  /** Pixel Spacing Calibration Type (0028,0A02). */
  calibrationType: string;
  /** Vertical and horizontal size of a pixel in relation to each other (0028,0034). */
  aspect: Spacing | null;
  regions: readonly UltrasoundRegion[];
  sopClassUid: string;
  thicknessMm: number | null;
  rows: number;
  columns: number;
  frameOfReferenceUid: string | null;
  windows: readonly { center: number; width: number; label: string }[];
  imageType: readonly string[];
  isLossy: boolean;
  isColour: boolean;
  /** MONOCHROME1: the smallest value is white (PS3.3 C.7.6.3.1.2). */
  isLowWhite: boolean;
  modality: string;
  slope: number;
  intercept: number;
  /** Rescale Type (0028,1054). */
  rescaleType: string;
  /** Units (0054,1001) of a PET series. */
  petUnits: string;
  isMultiEnergy: boolean;
  /** Values come out of a Modality LUT Sequence (0028,3000). */
  hasModalityLut: boolean;
  /** How the file wants its window laid (0028,1056). */
  voiFunction: VoiFunction;
  shutter: Shutter | null;
  /** The same for all frames of an instance. */
  picture: PictureFacts;
  /** Null unless the instance has several frames. */
  clip: Clip | null;
  /** Null for what is no PET. */
  suv: Suv | null;
  /** When it was taken, in seconds of the scanner's own clock; only for comparing within one study. */
  acquiredS: number | null;
  acquisitionNumber: number | null;
  echoNumber: number | null;
}

/** Vertical first, as DICOM writes them: [between rows, between columns]. */
export type Spacing = readonly [number, number];

/** An area of an ultrasound picture with physical units of its own (PS3.3 C.8.5.5). Both corners belong to it. */
export interface UltrasoundRegion {
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** 0 none, 1 two-dimensional, 2 M-mode, 3 spectral, 4 wave form, 5 graphics. */
  format: number;
  unitX: number;
  unitY: number;
  deltaX: number;
  deltaY: number;
}

const T = {
  sop: '00080018',
  sopClass: '00080016',
  rows: '00280010',
  columns: '00280011',
  frames: '00280008',
  instanceNumber: '00200013',
  position: '00200032',
  orientation: '00200037',
  spacing: '00280030',
  thickness: '00180050',
  frameOfReference: '00200052',
  center: '00281050',
  width: '00281051',
  explanation: '00281055',
  imageType: '00080008',
  lossy: '00282110',
  syntax: '00083002',
  photometric: '00280004',
  samples: '00280002',
  modality: '00080060',
  slope: '00281053',
  intercept: '00281052',
  acquisition: '00200012',
  echo: '00180086',
  shared: '52009229',
  perFrame: '52009230',
  planePosition: '00209113',
  planeOrientation: '00209116',
  pixelMeasures: '00289110',
  frameVoi: '00289132',
  imagerSpacing: '00181164',
  magnification: '00181114',
  calibrationType: '00280A02',
  aspect: '00280034',
  regions: '00186011',
  rescaleType: '00281054',
  petUnits: '00541001',
  multiEnergy: '00189361',
  modalityLut: '00283000',
  modalityLutType: '00283004',
  voiFunction: '00281056',
  frameShutter: '00189472',
  valueTransformation: '00289145',
  frameContent: '00209111',
} as const;

const values = (json: DicomJson | undefined, tag: string): unknown[] => json?.[tag]?.Value ?? [];

export function text(json: DicomJson | undefined, tag: string): string {
  const first = values(json, tag)[0];
  return typeof first === 'string' ? first : typeof first === 'number' ? String(first) : '';
}

export function numbers(json: DicomJson | undefined, tag: string): number[] {
  const parsed = values(json, tag).map((value) =>
    value === null || value === '' ? Number.NaN : Number(value),
  );
  return parsed.every(Number.isFinite) ? parsed : [];
}

export const number = (json: DicomJson | undefined, tag: string): number | null =>
  numbers(json, tag)[0] ?? null;

export const sequence = (json: DicomJson | undefined, tag: string): DicomJson[] =>
  values(json, tag).filter((item): item is DicomJson => typeof item === 'object' && item !== null);

const vector = (n: number[], at = 0): Vector | null => {
  const [x, y, z] = n.slice(at, at + 3);
  return x === undefined || y === undefined || z === undefined ? null : [x, y, z];
};

/** Enhanced objects keep geometry in functional groups: the frame's own item first, then the shared one. */
function group(json: DicomJson, frameIndex: number, tag: string): DicomJson | undefined {
  const own = sequence(json, T.perFrame)[frameIndex];
  const shared = sequence(json, T.shared)[0];
  return sequence(own, tag)[0] ?? sequence(shared, tag)[0];
}

function windowsOf(json: DicomJson | undefined): Frame['windows'] {
  const centers = numbers(json, T.center);
  const widths = numbers(json, T.width);
  const labels = values(json, T.explanation);
  /* A linear window is at least 1 wide, the others only wider than nothing (C.11.2.1.2, C.11.2.1.3). */
  const isLinear = functionOf(text(json, T.voiFunction)) === 'LINEAR';
  return centers.flatMap((center, i) => {
    const width = widths[i];
    return width !== undefined && (isLinear ? width >= 1 : width > 0)
      ? [{ center, width, label: typeof labels[i] === 'string' ? labels[i] : '' }]
      : [];
  });
}

function spacingOf(json: DicomJson | undefined, tag: string = T.spacing): Spacing | null {
  const [betweenRows, betweenColumns] = numbers(json, tag);
  return betweenRows && betweenColumns && betweenRows > 0 && betweenColumns > 0
    ? [betweenRows, betweenColumns]
    : null;
}

function regionOf(json: DicomJson): UltrasoundRegion {
  const at = (tag: string): number => number(json, tag) ?? Number.NaN;
  return {
    left: at('00186018'),
    top: at('0018601A'),
    right: at('0018601C'),
    bottom: at('0018601E'),
    format: at('00186012'),
    unitX: at('00186024'),
    unitY: at('00186026'),
    deltaX: at('0018602C'),
    deltaY: at('0018602E'),
  };
}

/** What the numbers of the picture mean; an enhanced object may say it anew for each frame. */
function valueFacts(json: DicomJson, index: number) {
  const values = group(json, index, T.valueTransformation) ?? json;
  const lut = sequence(json, T.modalityLut)[0];
  return {
    slope: lut ? 1 : (number(values, T.slope) ?? 1),
    intercept: lut ? 0 : (number(values, T.intercept) ?? 0),
    rescaleType: text(lut, T.modalityLutType) || text(values, T.rescaleType),
    petUnits: text(json, T.petUnits),
    isMultiEnergy: text(json, T.multiEnergy) === 'YES',
    hasModalityLut: lut !== undefined,
  };
}

function spacingFacts(json: DicomJson) {
  return {
    imagerSpacing: spacingOf(json, T.imagerSpacing),
    magnification: number(json, T.magnification),
    calibrationType: text(json, T.calibrationType),
    aspect: spacingOf(json, T.aspect),
    regions: sequence(json, T.regions).map(regionOf),
  };
}

/** JPEG baseline and extended cannot be otherwise, whatever the file forgets to say. */
const ALWAYS_LOSSY = new Set(['1.2.840.10008.1.2.4.50', '1.2.840.10008.1.2.4.51']);

const VOI_FUNCTIONS: readonly string[] = ['LINEAR_EXACT', 'SIGMOID'] satisfies VoiFunction[];

const functionOf = (name: string): VoiFunction =>
  VOI_FUNCTIONS.includes(name) ? (name as VoiFunction) : 'LINEAR';

/** What all frames of an instance share. */
const instanceFacts = (json: DicomJson) => ({
  picture: pictureOf(json),
  clip: clipOf(json),
  suv: suvOf(json),
});

/** A frame's address, by the address of its series. */
export const imageIdOf = (seriesAddress: string, sopInstanceUid: string, frameNumber: number): string =>
  `wadors:${seriesAddress}/instances/${sopInstanceUid}/frames/${frameNumber}`;

function frameAt(
  json: DicomJson,
  index: number,
  address: string,
  facts: ReturnType<typeof instanceFacts>,
): Frame {
  const place = group(json, index, T.planePosition) ?? json;
  const turn = numbers(group(json, index, T.planeOrientation) ?? json, T.orientation);
  const measures = group(json, index, T.pixelMeasures) ?? json;
  const voi = group(json, index, T.frameVoi) ?? json;
  return {
    imageId: imageIdOf(address, text(json, T.sop), index + 1),
    sopInstanceUid: text(json, T.sop),
    frameNumber: index + 1,
    instanceNumber: number(json, T.instanceNumber),
    position: vector(numbers(place, T.position)),
    row: vector(turn, 0),
    column: vector(turn, 3),
    pixelSpacing: spacingOf(measures),
    thicknessMm: number(measures, T.thickness),
    rows: number(json, T.rows) ?? 0,
    columns: number(json, T.columns) ?? 0,
    frameOfReferenceUid: text(json, T.frameOfReference) || null,
    windows: windowsOf(voi),
    imageType: values(json, T.imageType).map(String),
    isLossy: text(json, T.lossy) === '01' || ALWAYS_LOSSY.has(text(json, T.syntax)),
    isColour: (number(json, T.samples) ?? 1) > 1 || text(json, T.photometric) === 'PALETTE COLOR',
    isLowWhite: text(json, T.photometric) === 'MONOCHROME1',
    modality: text(json, T.modality),
    voiFunction: functionOf(text(voi, T.voiFunction)),
    shutter: shutterOf(group(json, index, T.frameShutter)) ?? facts.picture.shutter,
    ...facts,
    ...valueFacts(json, index),
    ...spacingFacts(json),
    sopClassUid: text(json, T.sopClass),
    acquiredS: acquiredOf(json, group(json, index, T.frameContent)),
    acquisitionNumber: number(json, T.acquisition),
    echoNumber: number(json, T.echo),
  };
}

/** The frames of one instance; none when it has no pixel matrix (a report, a presentation state, an encapsulated PDF). */
export function framesOf(json: DicomJson, seriesAddress: string): Frame[] {
  const sop = text(json, T.sop);
  if (!sop || !number(json, T.rows) || !number(json, T.columns)) return [];
  const count = Math.max(1, number(json, T.frames) ?? 1);
  const facts = instanceFacts(json);
  return Array.from({ length: count }, (_, i) => frameAt(json, i, seriesAddress, facts));
}

export const sopClassOf = (json: DicomJson): string => text(json, T.sopClass);
