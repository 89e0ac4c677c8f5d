import { metaData, type Types, utilities } from '@cornerstonejs/core';
import type { Frame } from '../model/metadata';
import { samplesOf } from '../model/picture';

/**
 * Plain grey slices as images of the engine, made here and now from the stored samples: its loader would send each of them to a worker
 * and back first. They are what the loader makes of them, number by number; whatever is not plain is left to it.
 */

/** Larger pictures would hold up the page while they are made. */
const MOST_PIXELS = 1 << 20;
const SCALED_ELSEWHERE = new Set(['PT', 'RTDOSE']);

type Numbers = Uint8Array | Int8Array | Uint16Array | Int16Array;

function roomFor(low: number, high: number, length: number): Numbers | null {
  if (low >= 0)
    return high <= 0xff ? new Uint8Array(length) : high <= 0xffff ? new Uint16Array(length) : null;
  if (low >= -0x80 && high <= 0x7f) return new Int8Array(length);
  return low >= -0x8000 && high <= 0x7fff ? new Int16Array(length) : null;
}

interface Made {
  pixels: Numbers;
  min: number;
  max: number;
}

/** Values after the modality's rescale; null where they are not whole numbers of sixteen bits. */
function rescaled(stored: ArrayLike<number>, slope: number, intercept: number): Made | null {
  let [min, max] = [stored[0] ?? 0, stored[0] ?? 0];
  for (let i = 1; i < stored.length; i += 1) {
    const value = stored[i] as number;
    if (value < min) min = value;
    else if (value > max) max = value;
  }
  const ends = [min * slope + intercept, max * slope + intercept];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const pixels = roomFor(low, high, stored.length);
  if (!pixels) return null;
  for (let i = 0; i < stored.length; i += 1) pixels[i] = (stored[i] as number) * slope + intercept;
  return { pixels, min: low, max: high };
}

const isPlain = ({ picture, hasModalityLut, modality, isColour, rows, columns, ...frame }: Frame): boolean =>
  picture.samples === 1 &&
  !isColour &&
  !picture.palette &&
  !hasModalityLut &&
  !SCALED_ELSEWHERE.has(modality) &&
  (picture.bitsAllocated === 8 || picture.bitsAllocated === 16) &&
  Number.isInteger(frame.slope) &&
  Number.isInteger(frame.intercept) &&
  rows * columns <= MOST_PIXELS;

/** Null where the loader has to make it. `bytes` are samples as stored, little endian, with nothing in the bits that are no pixels. */
export function plainImage(frame: Frame, bytes: Uint8Array<ArrayBuffer>): Types.IImage | null {
  const { imageId, rows, columns, picture } = frame;
  if (!isPlain(frame)) return null;
  const stored = samplesOf(bytes, picture);
  const rescale = metaData.get('modalityLutModule', imageId) ?? {};
  const [slope, intercept] = [rescale.rescaleSlope ?? 1, rescale.rescaleIntercept ?? 0];
  if (stored.length !== rows * columns || slope !== frame.slope || intercept !== frame.intercept) return null;
  const made = rescaled(stored, slope, intercept);
  if (!made) return null;
  const { pixels, min, max } = made;
  const isScaled = slope !== 1 || intercept !== 0;
  const plane = metaData.get('imagePlaneModule', imageId) ?? {};
  const voi = metaData.get('voiLutModule', imageId) ?? {};
  const [center, width] = [voi.windowCenter?.[0], voi.windowWidth?.[0]];
  const whole = utilities.windowLevel.toWindowLevel(min, max);
  const hasWindow = center !== undefined && width !== undefined;
  return {
    imageId,
    rows,
    columns,
    height: rows,
    width: columns,
    rowPixelSpacing: plane.rowPixelSpacing,
    columnPixelSpacing: plane.columnPixelSpacing,
    calibration: metaData.get('calibrationModule', imageId) ?? {},
    slope: slope || 1,
    intercept,
    minPixelValue: min,
    maxPixelValue: max,
    windowCenter: hasWindow ? center : whole.windowCenter,
    windowWidth: hasWindow ? width : whole.windowWidth,
    /* Straight: what is meant otherwise is laid by our own layer. */
    voiLUTFunction: undefined,
    invert: frame.isLowWhite,
    color: false,
    rgba: false,
    numberOfComponents: 1,
    dataType: pixels.constructor.name,
    preScale: isScaled
      ? {
          enabled: true,
          scaled: true,
          scalingParameters: { rescaleSlope: slope, rescaleIntercept: intercept },
        }
      : undefined,
    sizeInBytes: pixels.byteLength,
    voxelManager: utilities.VoxelManager.createImageVoxelManager({
      scalarData: pixels,
      width: columns,
      height: rows,
      numberOfComponents: 1,
    }),
    getPixelData: () => pixels,
    getCanvas: undefined,
    imageFrame: { pixelData: pixels, photometricInterpretation: picture.photometric, samplesPerPixel: 1 },
  } as unknown as Types.IImage;
}
