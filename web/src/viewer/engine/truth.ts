/**
 * What the engine's loader would show wrongly or not at all is made right before it sees it: palettes, Modality LUTs, bits that are
 * no pixels, pixels that are not square. It only ever gets plain grey values or red, green and blue.
 */
import { metaData } from '@cornerstonejs/core';
import type { Frame } from '../model/metadata';
import { cleaned, fromYbr422, samplesOf, type VoiFunction } from '../model/picture';
import { lookUp, type Table, type TableSource, tableFrom, throughPalette } from '../model/tables';
import { bytesOf } from './bulk';
import { FrameError } from './fault';
import { type Asking, type FrameBytes, fetchFrame } from './fetching';
import { decodeHtj2k, isHtj2k } from './htj2k';

const NATIVE = /^1\.2\.840\.10008\.1\.2(\.1)?$/;
export const EXPLICIT_LE = '1.2.840.10008.1.2.1';

/** What lies over a picture or changes how it is shown, besides its pixels. */
export interface Extras {
  voi: readonly (Table | null)[];
  /** Bits of each overlay, one after the other, the lowest of a byte first. */
  overlays: readonly (Uint8Array | null)[];
}

const known = new Map<string, Frame>();
const tables = new Map<string, Promise<Table>>();
const extras = new Map<string, Extras>();
/** Images that reach the engine as red, green and blue, whatever their description says. */
const asRgb = new Set<string>();

export function knowFrames(frames: readonly Frame[]): void {
  for (const frame of frames) known.set(frame.imageId, frame);
}

export function forgetTruth(): void {
  known.clear();
  tables.clear();
  extras.clear();
  asRgb.clear();
}

/** Frames of an instance share its tables; one that did not come is asked for again. */
function tableOf(key: string, source: TableSource): Promise<Table> {
  const asked = tables.get(key);
  if (asked) return asked;
  const table = bytesOf(source.data).then((bytes) => tableFrom(source, bytes));
  tables.set(key, table);
  table.catch(() => tables.delete(key));
  return table;
}

/** Samples of one byte where the description says two: the code stream only has as many bits as are used. */
function widened(pixels: Uint8Array<ArrayBuffer>, isSigned: boolean): Uint8Array<ArrayBuffer> {
  const wide = isSigned
    ? Int16Array.from(new Int8Array(pixels.buffer, pixels.byteOffset, pixels.length))
    : Uint16Array.from(pixels);
  return new Uint8Array(wide.buffer);
}

/** Grey samples as stored, or null where only the engine's loader can decode them, as it can everything else. */
async function plainGrey({ picture }: Frame, frame: FrameBytes): Promise<Uint8Array<ArrayBuffer> | null> {
  if (picture.samples !== 1) return null;
  if (NATIVE.test(frame.syntax)) return cleaned(frame.bytes, picture);
  /* The loader's own decoder of these is never freed. */
  if (!isHtj2k(frame.syntax)) return null;
  const { pixels, bits, isSigned } = await decodeHtj2k(frame.bytes);
  const wide = bits <= 8 && picture.bitsAllocated === 16 ? widened(pixels, isSigned) : pixels;
  /* A code stream has the pixels' bits at the bottom of the word, and no sign above them. */
  return cleaned(wide, { ...picture, highBit: picture.bitsStored - 1 });
}

/** The loader takes uncompressed samples that share their colours for ones that do not, and finds too few. */
function plainRgb({ picture, rows, columns }: Frame, { bytes, syntax }: FrameBytes) {
  if (picture.photometric !== 'YBR_FULL_422' || !NATIVE.test(syntax)) return null;
  const rgb = fromYbr422(bytes, rows * columns);
  return rgb && new Uint8Array(rgb.buffer);
}

async function throughOwn(frame: Frame, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const { picture, sopInstanceUid } = frame;
  const samples = samplesOf(bytes, picture);
  if (picture.palette) {
    const found = await Promise.all(
      picture.palette.map((one, i) => tableOf(`${sopInstanceUid}/palette/${i}`, one)),
    );
    return throughPalette(samples, found as [Table, Table, Table]);
  }
  if (!picture.modalityLut) throw new FrameError('undecodable');
  const table = await tableOf(`${sopInstanceUid}/modality`, picture.modalityLut);
  return new Uint8Array(Uint16Array.from(samples, (value) => lookUp(table, value)).buffer);
}

/** The frame as the engine gets it. */
export async function preparedFrame(imageId: string, given: FrameBytes, asking: Asking): Promise<FrameBytes> {
  const frame = known.get(imageId);
  if (!frame) return given;
  const rgb = plainRgb(frame, given);
  if (rgb) {
    asRgb.add(imageId);
    return { bytes: rgb, syntax: EXPLICIT_LE };
  }
  const isOwn = frame.picture.photometric === 'PALETTE COLOR' || frame.hasModalityLut;
  let grey = await plainGrey(frame, given);
  if (isOwn && !grey) grey = await plainGrey(frame, await fetchFrame(imageId, { ...asking, isPlain: true }));
  if (!grey) {
    if (isOwn) throw new FrameError('undecodable');
    return given;
  }
  try {
    return { bytes: isOwn ? await throughOwn(frame, grey) : grey, syntax: EXPLICIT_LE };
  } catch {
    /* A picture through half a table would look like a picture. */
    throw new FrameError('undecodable');
  }
}

/** Waits for what lies over the picture; what does not come or makes no sense is named on the picture, not guessed. */
export async function readyExtras({ sopInstanceUid, picture }: Frame): Promise<void> {
  if (extras.has(sopInstanceUid) || (picture.voiLuts.length === 0 && picture.overlays.length === 0)) return;
  const none = (): null => null;
  const voi = picture.voiLuts.map((one, i) => tableOf(`${sopInstanceUid}/voi/${i}`, one).catch(none));
  const bits = picture.overlays.map((one) => bytesOf(one.data).catch(none));
  extras.set(sopInstanceUid, { voi: await Promise.all(voi), overlays: await Promise.all(bits) });
}

const NO_EXTRAS: Extras = { voi: [], overlays: [] };

export const extrasOf = (frame: Frame): Extras => extras.get(frame.sopInstanceUid) ?? NO_EXTRAS;

const RGB = {
  samplesPerPixel: 3,
  photometricInterpretation: 'RGB',
  planarConfiguration: 0,
  bitsAllocated: 8,
  bitsStored: 8,
  highBit: 7,
  pixelRepresentation: 0,
};
const WORDS = { samplesPerPixel: 1, bitsAllocated: 16, bitsStored: 16, highBit: 15, pixelRepresentation: 0 };

function pixelModule({ imageId, picture, rows, columns, hasModalityLut }: Frame): unknown {
  if (picture.photometric === 'PALETTE COLOR' || asRgb.has(imageId)) return { ...RGB, rows, columns };
  if (!hasModalityLut) return undefined;
  return { ...WORDS, photometricInterpretation: picture.photometric, rows, columns };
}

/** Only where the picture has no spacing of the body and its pixels are not square: then it is shown as wide and tall as it says. */
function planeModule(frame: Frame): unknown {
  const { pixelSpacing, imagerSpacing, aspect, rows, columns } = frame;
  const ratio = imagerSpacing ?? aspect;
  if (pixelSpacing || !ratio || ratio[0] === ratio[1]) return undefined;
  const [row, column] = [frame.row ?? [1, 0, 0], frame.column ?? [0, 1, 0]];
  return {
    frameOfReferenceUID: frame.frameOfReferenceUid ?? undefined,
    rows,
    columns,
    imageOrientationPatient: [...row, ...column],
    rowCosines: row,
    columnCosines: column,
    imagePositionPatient: frame.position ?? [0, 0, 0],
    pixelSpacing: [ratio[0] / ratio[1], 1],
    rowPixelSpacing: ratio[0] / ratio[1],
    columnPixelSpacing: 1,
    usingDefaultValues: true,
  };
}

/**
 * The engine is told of linear windows only: its two paths lay the others differently. An exact one is written as the linear one of
 * the same range, a sigmoid is laid by our own layer over the picture.
 */
function voiModule({ voiFunction, windows }: Frame): unknown {
  if (voiFunction === 'LINEAR') return undefined;
  const isExact = voiFunction === 'LINEAR_EXACT';
  return {
    windowCenter: windows.map(({ center }) => (isExact ? center + 0.5 : center)),
    windowWidth: windows.map(({ width }) => (isExact ? width + 1 : width)),
    voiLUTFunction: 'LINEAR',
  };
}

export const knownFrame = (imageId: string): Frame | null => known.get(imageId) ?? null;

/** How the window of an image is meant. */
export const voiFunctionOf = (imageId: string | undefined): VoiFunction =>
  known.get(imageId ?? '')?.voiFunction ?? 'LINEAR';

function describe(type: string, imageId: unknown): unknown {
  const frame = typeof imageId === 'string' ? known.get(imageId) : undefined;
  if (!frame) return undefined;
  const isOwn = frame.picture.photometric === 'PALETTE COLOR' || frame.hasModalityLut;
  switch (type) {
    case 'imagePixelModule':
      return pixelModule(frame);
    case 'imagePlaneModule':
      return planeModule(frame);
    case 'voiLutModule':
      return voiModule(frame);
    case 'modalityLutModule':
      return isOwn ? {} : undefined;
    default:
      return undefined;
  }
}

/** Once, when the engine starts. */
export function correctDescriptions(): void {
  metaData.addProvider(describe, 10_000);
}
