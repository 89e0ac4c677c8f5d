/** What lies over a picture: its own grey curve, padding, shutter, overlays. One RGBA pixel a pixel of the picture. */
import type { Frame } from './metadata';
import type { OverlaySource, Shutter, VoiFunction } from './picture';
import type { Table } from './tables';
import { type DecodedPixels, paddingRange, polygonSpans } from './values';

export type Shade = (value: number) => number;

/** From a value to 0..255 (PS3.3 C.11.2.1.2, C.11.2.1.3). */
export function shadeOf(voiFunction: VoiFunction, center: number, width: number): Shade {
  const clamped = (share: number): number => Math.min(1, Math.max(0, share)) * 255;
  if (voiFunction === 'SIGMOID') return (value) => 255 / (1 + Math.exp((-4 * (value - center)) / width));
  if (voiFunction === 'LINEAR_EXACT') return (value) => clamped((value - center) / width + 0.5);
  return (value) => clamped((value - center + 0.5) / Math.max(1e-9, width - 1) + 0.5);
}

/** Through a VOI LUT. Its entries fill the bits it says; a table of bytes in 16 bits is one of bytes. */
export function shadeThrough({ first, bits, entries }: Table): Shade {
  const isNarrow = bits > 8 && !entries.some((entry) => entry > 255);
  const top = isNarrow ? 255 : 2 ** bits - 1;
  return (value) => {
    const at = Math.min(entries.length - 1, Math.max(0, Math.round(value) - first));
    return (Math.min(top, entries[at] ?? 0) / top) * 255;
  };
}

const MOST_STEPS = 1 << 17;

function endsOf(pixels: ArrayLike<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < pixels.length; i += 1) {
    const value = pixels[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

const shadedValue = ({ applied }: DecodedPixels, { slope, intercept }: Frame): Shade =>
  applied ? (stored) => stored : (stored) => stored * slope + intercept;

/** Every pixel, opaque, through one curve. */
export function paintShades(
  frame: Frame,
  decoded: DecodedPixels,
  shade: Shade,
  isInverted: boolean,
  rgba: Uint8ClampedArray,
): void {
  const { pixels } = decoded;
  const value = shadedValue(decoded, frame);
  const shown = (stored: number): number => {
    const grey = Math.round(shade(value(stored)));
    return isInverted ? 255 - grey : grey;
  };
  const [low, high] = endsOf(pixels);
  const isWhole = !(pixels instanceof Float32Array) && high - low < MOST_STEPS;
  const known = isWhole ? Uint8Array.from({ length: high - low + 1 }, (_, i) => shown(low + i)) : null;
  for (let i = 0; i < pixels.length; i += 1) {
    const stored = pixels[i] as number;
    const grey = known ? (known[stored - low] as number) : shown(stored);
    const at = i * 4;
    rgba[at] = grey;
    rgba[at + 1] = grey;
    rgba[at + 2] = grey;
    rgba[at + 3] = 255;
  }
}

function black(rgba: Uint8ClampedArray, pixel: number): void {
  rgba.fill(0, pixel * 4, pixel * 4 + 3);
  rgba[pixel * 4 + 3] = 255;
}

/** Padding is black, whatever the window makes of its number. Returns whether there was any. */
export function paintPadding(frame: Frame, decoded: DecodedPixels, rgba: Uint8ClampedArray): boolean {
  const range = paddingRange(frame);
  if (!range) return false;
  const value = shadedValue(decoded, frame);
  let isAny = false;
  for (let i = 0; i < decoded.pixels.length; i += 1) {
    const one = value(decoded.pixels[i] as number);
    if (one <= range.low || one >= range.high) continue;
    black(rgba, i);
    isAny = true;
  }
  return isAny;
}

/** Whether a pixel is seen, by column from 0; rows from 0. Pixels on an edge belong to the picture. */
function openIn({ rectangle, circle, polygon }: Shutter, row: number, open: Uint8Array): void {
  open.fill(1);
  const keep = (from: number, to: number): void => {
    open.fill(0, 0, Math.max(0, Math.ceil(from)));
    open.fill(0, Math.max(0, Math.floor(to) + 1));
  };
  if (rectangle) {
    if (row + 1 < rectangle.top || row + 1 > rectangle.bottom) open.fill(0);
    keep(rectangle.left - 1, rectangle.right - 1);
  }
  if (circle) {
    const reach = circle.radius ** 2 - (row + 1 - circle.row) ** 2;
    if (reach < 0) open.fill(0);
    else keep(circle.column - 1 - Math.sqrt(reach), circle.column - 1 + Math.sqrt(reach));
  }
  if (polygon) {
    const corners = polygon.map(([r, c]) => [c - 1, r - 1] as const);
    const inside = new Uint8Array(open.length);
    for (const [from, to] of polygonSpans(corners, row))
      inside.fill(1, Math.max(0, from), Math.max(0, to + 1));
    for (let i = 0; i < open.length; i += 1) open[i] = (open[i] ?? 0) & (inside[i] ?? 0);
  }
}

export function paintShutter(shutter: Shutter, rows: number, columns: number, rgba: Uint8ClampedArray): void {
  const open = new Uint8Array(columns);
  for (let row = 0; row < rows; row += 1) {
    openIn(shutter, row, open);
    for (let column = 0; column < columns; column += 1)
      if (!open[column]) black(rgba, row * columns + column);
  }
}

const OVERLAY = [120, 220, 255] as const;

/** One bit a pixel, from the lowest of each byte on. */
export function paintOverlay(
  overlay: OverlaySource,
  bits: Uint8Array,
  frame: { frameNumber: number; rows: number; columns: number },
  rgba: Uint8ClampedArray,
): void {
  const which = frame.frameNumber - overlay.firstFrame;
  if (which < 0 || which >= overlay.frames) return;
  const begin = which * overlay.rows * overlay.columns;
  for (let row = 0; row < overlay.rows; row += 1) {
    const y = row + overlay.top;
    if (y < 0 || y >= frame.rows) continue;
    for (let column = 0; column < overlay.columns; column += 1) {
      const bit = begin + row * overlay.columns + column;
      const x = column + overlay.left;
      if (!((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) || x < 0 || x >= frame.columns) continue;
      const at = (y * frame.columns + x) * 4;
      rgba.set(OVERLAY, at);
      rgba[at + 3] = 255;
    }
  }
}
