import { cache, Enums, getShouldUseCPURendering, imageLoader, type Types } from '@cornerstonejs/core';
import dicomImageLoader from '@cornerstonejs/dicom-image-loader';
import type { DicomJson, Frame } from '../model/metadata';
import type { DecodedPixels } from '../model/values';
import { cutPixels, forgetCuts } from './cuts';
import { FrameError } from './fault';
import { type Asking, type FrameBytes, fetchFrame } from './fetching';
import { plainImage } from './plain';
import { EXPLICIT_LE, forgetTruth, knowFrames, knownFrame, preparedFrame, readyExtras } from './truth';

/** Tells the decoder what each frame is. Must happen before the frame is asked for. */
export function declareFrames(json: DicomJson, frames: readonly Frame[]): void {
  knowFrames(frames);
  for (const frame of frames) {
    dicomImageLoader.wadors.metaDataManager.add(frame.imageId, json as never);
  }
}

/** Our frames' address scheme, which the loader's own metadata provider knows too. */
const SCHEME = 'wadors';

interface Loading {
  useRGBA?: boolean;
  asking?: Asking;
  /** What has come of the frame already; the engine itself asks without it. */
  came?: FrameBytes;
}

async function load(imageId: string, options: Loading): Promise<Types.IImage> {
  const { asking, came, ...rest } = options;
  const frame = came ?? (await fetchFrame(imageId, asking ?? {}));
  const plain = await preparedFrame(imageId, frame, asking ?? {});
  const known = plain.syntax === EXPLICIT_LE ? knownFrame(imageId) : null;
  const own = known && plainImage(known, plain.bytes);
  const made = own ?? (await dicomImageLoader.createImage(imageId, plain.bytes, plain.syntax, rest as never));
  const image = made as unknown as Types.IImage & { transferSyntaxUID?: string };
  image.transferSyntaxUID = frame.syntax;
  return image;
}

/** Frames come by our own requests, which can be given up and continued, instead of the loader's. */
export function registerFrameLoader(): void {
  imageLoader.registerImageLoader(SCHEME, (imageId, options) => ({
    promise: load(imageId, (options ?? {}) as Loading) as never,
  }));
}

/** What the loader says when it fails is no use to anybody; a frame that came and cannot be drawn is undecodable. */
const faultOf = (error: unknown): FrameError => {
  if (error instanceof FrameError) return error;
  return new FrameError((error as { status?: unknown } | null)?.status === 0 ? 'unreachable' : 'undecodable');
};

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

/** Decodes and checks a frame that has come. Rejects with a FrameError, or with whatever when it was given up. */
export async function loadFrame(frame: Frame, asking: Asking, came: FrameBytes): Promise<void> {
  let image: Types.IImage;
  try {
    /* The canvas of the processor path draws colour from RGBA, the graphics path from RGB. */
    const options: Loading = { useRGBA: getShouldUseCPURendering(), asking, came };
    const [loaded] = await Promise.all([
      imageLoader.loadAndCacheImage(frame.imageId, options as never),
      readyExtras(frame),
    ]);
    image = loaded;
  } catch (error) {
    if (asking.signal?.aborted) throw error;
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
  forgetTruth();
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
