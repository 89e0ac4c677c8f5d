import { cache, getShouldUseCPURendering, imageLoader, metaData, type Types } from '@cornerstonejs/core';
import { type CutSet, isCutImage } from '../model/cuts';
import type { Frame } from '../model/metadata';
import type { DecodedPixels } from '../model/values';

/** Cut planes as images of the engine: it shows them in the same picture areas as what a modality sent, and knows no difference. */

/** What a stack of cut planes needs: its values plane by plane, and how its source is looked at. */
export interface CutMaker {
  values: (index: number) => Float32Array;
  /** Smallest and largest value of the whole volume, and whether all are whole numbers that fit into 16 bits. */
  look: () => { range: readonly [number, number]; isWhole: boolean };
  sourceImageId: string;
}

interface Known {
  frame: Frame;
  index: number;
  maker: CutMaker;
}

/** Below every value, so black in every window that is not inverted. */
const NOTHING = -32768;
const FINE_STEPS = 65_000;
/** Beyond this the planes shown longest ago are cut anew when somebody comes back to them. */
const KEPT_BYTES = 160_000_000;

const known = new Map<string, Known>();
/** Exact values of planes lately shown, the oldest first. */
const values = new Map<string, Float32Array>();
let keptBytes = 0;

function forgetValues(imageId: string): void {
  keptBytes -= values.get(imageId)?.byteLength ?? 0;
  values.delete(imageId);
  if (cache.getImageLoadObject(imageId)) cache.removeImageLoadObject(imageId, { force: true });
}

function valuesOf(imageId: string, { maker, index }: Known): Float32Array {
  const kept = values.get(imageId);
  const found = kept ?? maker.values(index);
  values.delete(imageId);
  values.set(imageId, found);
  if (kept) return found;
  keptBytes += found.byteLength;
  for (const oldest of values.keys()) {
    if (keptBytes <= KEPT_BYTES || oldest === imageId) break;
    forgetValues(oldest);
  }
  return found;
}

function rangeIn(all: Float32Array): [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of all) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? [min, max] : [0, 0];
}

interface Shown {
  pixels: Int16Array | Float32Array;
  slope: number;
  intercept: number;
  min: number;
  max: number;
}

function inWholeSteps(all: Float32Array, step: number, zero: number): Shown {
  const pixels = new Int16Array(all.length);
  for (let i = 0; i < all.length; i += 1) {
    const value = all[i] as number;
    pixels[i] = Number.isNaN(value) ? NOTHING : Math.round((value - zero) / step);
  }
  const [min, max] = rangeIn(all).map((value) => Math.round((value - zero) / step)) as [number, number];
  return { pixels, slope: step, intercept: zero, min, max };
}

/** The numbers drawn: whole ones where the source has whole ones, otherwise as fine as the drawing path takes them. */
function shownOf(all: Float32Array, { range, isWhole }: ReturnType<CutMaker['look']>): Shown {
  if (isWhole) return inWholeSteps(all, 1, 0);
  const [low, high] = range;
  const width = Math.max(high - low, 1e-6);
  /* The processor draws by a table of whole numbers. */
  if (getShouldUseCPURendering()) return inWholeSteps(all, width / FINE_STEPS, (low + high) / 2);
  const [min, max] = rangeIn(all);
  const pixels = all.map((value) => (Number.isNaN(value) ? low - 4 * width : value));
  return { pixels, slope: 1, intercept: 0, min, max };
}

function imageOf(imageId: string, one: Known): Types.IImage {
  const { frame, maker } = one;
  const { pixels, slope, intercept, min, max } = shownOf(valuesOf(imageId, one), maker.look());
  const source = cache.getImage(maker.sourceImageId);
  const [low, high] = maker.look().range;
  const isScaled = slope === 1 && intercept === 0;
  const [betweenRows, betweenColumns] = frame.pixelSpacing ?? [1, 1];
  return {
    imageId,
    rows: frame.rows,
    columns: frame.columns,
    height: frame.rows,
    width: frame.columns,
    rowPixelSpacing: betweenRows,
    columnPixelSpacing: betweenColumns,
    FrameOfReferenceUID: frame.frameOfReferenceUid ?? undefined,
    slope,
    intercept,
    minPixelValue: min,
    maxPixelValue: max,
    windowCenter: source?.windowCenter ?? (low + high) / 2,
    windowWidth: source?.windowWidth ?? high - low,
    voiLUTFunction: source?.voiLUTFunction,
    invert: source?.invert ?? false,
    photometricInterpretation: source?.photometricInterpretation ?? 'MONOCHROME2',
    color: false,
    rgba: false,
    numberOfComponents: 1,
    dataType: pixels.constructor.name,
    preScale: isScaled
      ? { enabled: true, scaled: true, scalingParameters: { rescaleSlope: 1, rescaleIntercept: 0 } }
      : undefined,
    sizeInBytes: pixels.byteLength,
    getPixelData: () => pixels,
    getCanvas: undefined,
    imageFrame: { pixelData: pixels },
  } as unknown as Types.IImage;
}

function load(imageId: string): { promise: Promise<Types.IImage> } {
  const one = known.get(imageId);
  return {
    promise: one
      ? Promise.resolve().then(() => imageOf(imageId, one))
      : Promise.reject(new Error('This plane is no longer wanted.')),
  };
}

function describe(type: string, imageId: unknown): unknown {
  const frame = typeof imageId === 'string' ? known.get(imageId)?.frame : undefined;
  if (!frame) return undefined;
  const { rows, columns, position, row, column } = frame;
  const [betweenRows, betweenColumns] = frame.pixelSpacing ?? [1, 1];
  switch (type) {
    case 'imagePlaneModule':
      return {
        frameOfReferenceUID: frame.frameOfReferenceUid,
        rows,
        columns,
        imageOrientationPatient: [...(row ?? []), ...(column ?? [])],
        rowCosines: row,
        columnCosines: column,
        imagePositionPatient: position,
        pixelSpacing: [betweenRows, betweenColumns],
        rowPixelSpacing: betweenRows,
        columnPixelSpacing: betweenColumns,
      };
    case 'imagePixelModule':
      return {
        samplesPerPixel: 1,
        photometricInterpretation: 'MONOCHROME2',
        rows,
        columns,
        bitsAllocated: 16,
        bitsStored: 16,
        highBit: 15,
        pixelRepresentation: 1,
      };
    case 'generalSeriesModule':
      return { modality: frame.modality };
    default:
      return undefined;
  }
}

/** Once, when the engine starts. */
export function offerCuts(): void {
  imageLoader.registerImageLoader('cut', load as never);
  metaData.addProvider(describe, 1000);
}

export function declareCuts(set: CutSet, maker: CutMaker): void {
  set.frames.forEach((frame, index) => {
    known.set(frame.imageId, { frame, index, maker });
  });
}

/** Planes nobody looks at any more leave no pixels behind. */
export function dropCuts(set: CutSet): void {
  for (const { imageId } of set.frames) {
    known.delete(imageId);
    if (values.has(imageId)) forgetValues(imageId);
  }
}

export function forgetCuts(): void {
  for (const imageId of [...values.keys()]) forgetValues(imageId);
  known.clear();
  keptBytes = 0;
}

/** The exact values of a plane, not the rounded ones that are drawn; null for what is no cut plane. */
export function cutPixels(frame: Frame): DecodedPixels | null {
  const one = isCutImage(frame.imageId) ? known.get(frame.imageId) : undefined;
  if (!one) return null;
  const { rows, columns } = one.frame;
  return { pixels: valuesOf(frame.imageId, one), rows, columns, applied: { slope: 1, intercept: 0 } };
}
