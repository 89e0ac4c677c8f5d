/** What a description says of how its pixels are stored and shown, beyond the window: tables, overlays, shutter, padding. */
import { type DicomJson, number, numbers, sequence, text } from './metadata';
import { type Stored, storedOf } from './stored';
import { type TableSource, tableSource } from './tables';

export type VoiFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

/** One bit a pixel (PS3.3 C.9.2). */
export interface OverlaySource {
  rows: number;
  columns: number;
  /** Where its first pixel lies, from 0. */
  top: number;
  left: number;
  frames: number;
  /** The first frame it is for, from 1. */
  firstFrame: number;
  data: Stored;
}

/** What lies outside all of these is covered (C.7.6.11). Rows and columns from 1, as written. */
export interface Shutter {
  rectangle: { left: number; right: number; top: number; bottom: number } | null;
  circle: { row: number; column: number; radius: number } | null;
  polygon: readonly (readonly [number, number])[] | null;
}

export interface PictureFacts {
  photometric: string;
  samples: number;
  bitsAllocated: number;
  bitsStored: number;
  highBit: number;
  isSigned: boolean;
  palette: readonly [TableSource, TableSource, TableSource] | null;
  modalityLut: TableSource | null;
  modalityLutType: string;
  voiLuts: readonly TableSource[];
  /** Stored values that are no picture (C.7.5.1.1.2). */
  padding: { low: number; high: number } | null;
  overlays: readonly OverlaySource[];
  /** Overlays in unused bits of the pixels: known of, not drawn. */
  hasEmbeddedOverlay: boolean;
  shutter: Shutter | null;
  /** A shutter of a kind nobody here draws. */
  hasOtherShutter: boolean;
  /** Presentation LUT Shape and Photometric Interpretation ask for opposite things. */
  isShapeContradicting: boolean;
}

const LUT = { descriptor: '00283002', data: '00283006', label: '00283003' };

function paletteOf(json: DicomJson, isSigned: boolean): PictureFacts['palette'] {
  if (text(json, '00280004') !== 'PALETTE COLOR') return null;
  const found = ['1', '2', '3'].map((n) =>
    tableSource(json, { descriptor: `0028110${n}`, data: `0028120${n}`, segmented: `0028122${n}` }, isSigned),
  );
  const [red, green, blue] = found;
  return red && green && blue ? [red, green, blue] : null;
}

function overlayIn(json: DicomJson, group: string): OverlaySource | 'embedded' | null {
  const at = (element: string): number | null => number(json, group + element);
  const [rows, columns] = [at('0010'), at('0011')];
  const data = storedOf(json, `${group}3000`);
  if (!data) return at('0100') !== null && at('0100') !== 1 ? 'embedded' : null;
  if (!rows || !columns) return null;
  const [top, left] = numbers(json, `${group}0050`);
  return {
    rows,
    columns,
    top: (top ?? 1) - 1,
    left: (left ?? 1) - 1,
    frames: Math.max(1, at('0015') ?? 1),
    firstFrame: at('0051') ?? 1,
    data,
  };
}

const OVERLAY_GROUPS = Array.from({ length: 16 }, (_, i) => (0x6000 + 2 * i).toString(16).toUpperCase());

export function shutterOf(json: DicomJson | undefined): Shutter | null {
  const shapes = (json?.['00181600']?.Value ?? []).map(String);
  const at = (tag: string): number => number(json, tag) ?? Number.NaN;
  const [row, column] = numbers(json, '00181610');
  const corners = numbers(json, '00181620');
  const polygon = corners.flatMap((one, i) => (i % 2 === 0 ? [[one, corners[i + 1] ?? 0] as const] : []));
  const rectangle = {
    left: at('00181602'),
    right: at('00181604'),
    top: at('00181606'),
    bottom: at('00181608'),
  };
  const radius = at('00181612');
  const shutter: Shutter = {
    rectangle:
      shapes.includes('RECTANGULAR') && Object.values(rectangle).every(Number.isFinite) ? rectangle : null,
    circle:
      shapes.includes('CIRCULAR') && row !== undefined && column !== undefined && radius > 0
        ? { row, column, radius }
        : null,
    polygon: shapes.includes('POLYGONAL') && polygon.length >= 3 ? polygon : null,
  };
  return shutter.rectangle || shutter.circle || shutter.polygon ? shutter : null;
}

function paddingOf(json: DicomJson, isSigned: boolean): PictureFacts['padding'] {
  const signed = (value: number | null): number | null =>
    value !== null && isSigned && value >= 0x8000 ? value - 0x10000 : value;
  const value = signed(number(json, '00280120'));
  if (value === null) return null;
  const limit = signed(number(json, '00280121')) ?? value;
  return { low: Math.min(value, limit), high: Math.max(value, limit) };
}

const isContradicting = (shape: string, photometric: string): boolean =>
  (shape === 'INVERSE' && photometric === 'MONOCHROME2') ||
  (shape === 'IDENTITY' && photometric === 'MONOCHROME1');

export function pictureOf(json: DicomJson): PictureFacts {
  const isSigned = number(json, '00280103') === 1;
  const photometric = text(json, '00280004');
  const modalityLut = sequence(json, '00283000')[0];
  const found = OVERLAY_GROUPS.map((group) => overlayIn(json, group));
  const bitsAllocated = number(json, '00280100') ?? 16;
  const bitsStored = number(json, '00280101') ?? bitsAllocated;
  const shutter = shutterOf(json);
  return {
    photometric,
    samples: number(json, '00280002') ?? 1,
    bitsAllocated,
    bitsStored,
    highBit: number(json, '00280102') ?? bitsStored - 1,
    isSigned,
    palette: paletteOf(json, isSigned),
    modalityLut: modalityLut ? tableSource(modalityLut, LUT, isSigned) : null,
    modalityLutType: text(modalityLut, '00283004'),
    /* After a rescale or a Modality LUT the first value is one of its results, signed where those can be. */
    voiLuts: sequence(json, '00283010').flatMap(
      (one) => tableSource(one, LUT, isSigned || (number(json, '00281052') ?? 0) < 0) ?? [],
    ),
    padding: paddingOf(json, isSigned),
    overlays: found.filter((one): one is OverlaySource => one !== null && one !== 'embedded'),
    hasEmbeddedOverlay: found.includes('embedded'),
    shutter,
    hasOtherShutter: !shutter && text(json, '00181600') !== '' && text(json, '00181600') !== 'NONE',
    isShapeContradicting: isContradicting(text(json, '20500020'), photometric),
  };
}

/**
 * Native grey samples with only the bits that are pixels: what stands beside them in the same word (an old overlay, garbage) is
 * taken off and the sign is carried to the top (PS3.5 8.1.1). Changes nothing where every bit is used.
 */
export function cleaned(bytes: Uint8Array<ArrayBuffer>, facts: PictureFacts): Uint8Array<ArrayBuffer> {
  const { bitsAllocated, bitsStored, highBit, isSigned } = facts;
  const isWhole = bitsStored === bitsAllocated && highBit === bitsAllocated - 1;
  if (isWhole || facts.samples !== 1 || (bitsAllocated !== 8 && bitsAllocated !== 16)) return bytes;
  const wide = bitsAllocated === 16;
  const from = wide ? new Uint16Array(bytes.slice().buffer, 0, bytes.length >> 1) : bytes;
  const low = highBit - bitsStored + 1;
  const mask = 2 ** bitsStored - 1;
  const sign = isSigned ? 2 ** (bitsStored - 1) : 0;
  const out = wide ? new Uint16Array(from.length) : new Uint8Array(from.length);
  for (let i = 0; i < from.length; i += 1) {
    const value = ((from[i] as number) >> low) & mask;
    out[i] = value & sign ? value - mask - 1 : value;
  }
  return new Uint8Array(out.buffer);
}

/** Clean native samples as numbers. */
export function samplesOf(
  bytes: Uint8Array<ArrayBuffer>,
  facts: PictureFacts,
): Int8Array | Uint8Array | Int16Array | Uint16Array {
  if (facts.bitsAllocated === 8) return facts.isSigned ? new Int8Array(bytes.buffer) : bytes;
  const own = bytes.slice().buffer;
  return facts.isSigned ? new Int16Array(own) : new Uint16Array(own);
}

/** Native YBR_FULL_422 (PS3.3 C.7.6.3.1.2): two luminances share one pair of colours. Null where the bytes are not that. */
export function fromYbr422(
  bytes: Uint8Array<ArrayBuffer>,
  pixels: number,
): Uint8ClampedArray<ArrayBuffer> | null {
  if (bytes.length < pixels * 2) return null;
  const rgb = new Uint8ClampedArray(pixels * 3);
  for (let i = 0; i < pixels; i += 1) {
    const pair = (i >> 1) * 4;
    const y = bytes[pair + (i & 1)] as number;
    const [blue, red] = [(bytes[pair + 2] as number) - 128, (bytes[pair + 3] as number) - 128];
    rgb[i * 3] = y + 1.402 * red;
    rgb[i * 3 + 1] = y - (0.114 * 1.772 * blue + 0.299 * 1.402 * red) / 0.587;
    rgb[i * 3 + 2] = y + 1.772 * blue;
  }
  return rgb;
}
