import { cache, Enums, getShouldUseCPURendering, imageLoader, type Types } from '@cornerstonejs/core';
import dicomImageLoader from '@cornerstonejs/dicom-image-loader';
import type { DicomJson, Frame } from '../model/metadata';
import type { DecodedPixels } from '../model/values';
import { cutPixels, forgetCuts } from './cuts';

export type FrameFault = 'refused' | 'unreachable' | 'undecodable' | 'incomplete';

export class FrameError extends Error {
  readonly fault: FrameFault;

  constructor(fault: FrameFault) {
    super(fault);
    this.name = 'FrameError';
    this.fault = fault;
  }
}

/** Tells the decoder what each frame is. Must happen before the frame is asked for. */
export function declareFrames(json: DicomJson, frames: readonly Frame[]): void {
  for (const frame of frames) {
    dicomImageLoader.wadors.metaDataManager.add(frame.imageId, json as never);
  }
}

function faultOf(error: unknown): FrameError {
  const status = (error as { status?: unknown } | null)?.status;
  /* A good answer that was rejected all the same: its code stream was cut short. */
  if (status === 200) return new FrameError('incomplete');
  if (typeof status === 'number')
    return new FrameError(status === 0 || status >= 500 ? 'unreachable' : 'refused');
  return new FrameError('undecodable');
}

/** A decoder may return a shorter picture without complaint: that is not the image the modality sent. */
function isWhole(image: Types.IImage, frame: Frame): boolean {
  const pixels = image.getPixelData();
  const perPixel = image.color ? [3, 4] : [1];
  const isFull =
    image.imageQualityStatus === undefined ||
    image.imageQualityStatus === Enums.ImageQualityStatus.FULL_RESOLUTION;
  return (
    image.rows === frame.rows &&
    image.columns === frame.columns &&
    perPixel.some((samples) => pixels.length === frame.rows * frame.columns * samples) &&
    isFull
  );
}

/** Loads, decodes and checks one frame. Rejects with a FrameError and nothing else. */
export async function loadFrame(frame: Frame, isUrgent: boolean): Promise<void> {
  let image: Types.IImage;
  try {
    /* The canvas of the processor path draws colour from RGBA, the graphics path from RGB. */
    const options = {
      useRGBA: getShouldUseCPURendering(),
      requestType: isUrgent ? Enums.RequestType.Interaction : Enums.RequestType.Prefetch,
      priority: isUrgent ? -5 : 5,
    };
    image = await imageLoader.loadAndCacheImage(frame.imageId, options);
  } catch (error) {
    throw faultOf(error);
  }
  if (!isWhole(image, frame)) {
    cache.removeImageLoadObject(frame.imageId, { force: true });
    throw new FrameError('incomplete');
  }
}

/** The decoded pixels of a whole frame; null unless it is here in full, and then nothing may be measured on it. */
export function pixelsOf(frame: Frame): DecodedPixels | null {
  const cut = cutPixels(frame);
  if (cut) return cut;
  const image = cache.getImage(frame.imageId);
  if (!image || !isWhole(image, frame)) return null;
  const { preScale } = image;
  const pixels = image.getPixelData();
  /* To draw fractions on the processor the engine makes whole numbers of them and says "not scaled" from then on; what the
     decoder left is still here, and still scaled. */
  const isScaled =
    preScale?.scaled || (preScale?.scalingParameters && (pixels as unknown) instanceof Float32Array);
  const scaled = isScaled ? preScale?.scalingParameters : null;
  return {
    pixels,
    rows: image.rows,
    columns: image.columns,
    applied: scaled ? { slope: scaled.rescaleSlope ?? 1, intercept: scaled.rescaleIntercept ?? 0 } : null,
  };
}

/** Every pixel and every description of the case before is gone. */
export function forgetFrames(): void {
  forgetCuts();
  cache.purgeCache();
  dicomImageLoader.wadors.metaDataManager.purge();
}

export interface PixelDigest {
  sha256: string;
  /** Name of the array the numbers are in; values are after the modality rescale when `isRescaled`. */
  type: string;
  isRescaled: boolean;
  slope: number;
  intercept: number;
  rows: number;
  columns: number;
  /** The transfer syntax the frame came in; empty when the loader did not say. */
  syntax: string;
}

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Fingerprint of the decoded pixels, for comparing what is shown with what was sent. */
export async function digestOf(imageId: string): Promise<PixelDigest | null> {
  const image = cache.getImage(imageId);
  if (!image || !globalThis.crypto?.subtle) return null;
  const pixels = image.getPixelData();
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return {
    sha256: hex(await crypto.subtle.digest('SHA-256', bytes.slice())),
    type: pixels.constructor.name,
    isRescaled: image.preScale?.scaled === true,
    slope: image.slope,
    intercept: image.intercept,
    rows: image.rows,
    columns: image.columns,
    syntax: (image as { transferSyntaxUID?: string }).transferSyntaxUID ?? '',
  };
}

/** A small grey picture of a loaded frame, drawn by sampling; enough to recognise a series. */
export function drawThumbnail(canvas: HTMLCanvasElement, frame: Frame): boolean {
  const image = cache.getImage(frame.imageId);
  const context = canvas.getContext('2d');
  if (!image || !context) return false;
  const pixels = image.getPixelData();
  const samples = Math.round(pixels.length / (image.rows * image.columns));
  const width = image.windowWidth as number;
  const low = (image.windowCenter as number) - width / 2;
  const picture = context.createImageData(canvas.width, canvas.height);
  const scale = Math.max(image.columns / canvas.width, image.rows / canvas.height);
  const left = (image.columns - canvas.width * scale) / 2;
  const top = (image.rows - canvas.height * scale) / 2;
  for (let y = 0; y < canvas.height; y += 1) {
    for (let x = 0; x < canvas.width; x += 1) {
      const column = Math.floor(left + x * scale);
      const row = Math.floor(top + y * scale);
      const at = (y * canvas.width + x) * 4;
      picture.data[at + 3] = 255;
      if (column < 0 || row < 0 || column >= image.columns || row >= image.rows) continue;
      for (let c = 0; c < 3; c += 1) {
        const value = pixels[(row * image.columns + column) * samples + (samples > 1 ? c : 0)] ?? 0;
        const grey = samples > 1 ? value : ((value - low) / width) * 255;
        picture.data[at + c] = image.invert ? 255 - grey : grey;
      }
    }
  }
  context.putImageData(picture, 0, 0);
  return true;
}
