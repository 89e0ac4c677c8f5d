/** The values behind a picture (after the modality's rescale, before any window or inversion), and what they are in. */
import type { Point } from './calibration';
import type { Ellipse } from './measure';
import type { Frame } from './metadata';

export interface PixelGrid {
  rows: number;
  columns: number;
  /** Row by row from the top left. No number where a cut plane leaves its volume. */
  valueAt: (index: number) => number;
}

export type NoValues = 'colour' | 'rescale';

export interface Statistics {
  mean: number;
  /** Of the pixels themselves (divided by their number, not by one less). */
  sd: number;
  min: number;
  max: number;
  count: number;
}

const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';

/**
 * CT Image Storage may leave Rescale Type out only when it is HU (PS3.3 C.8.2.1); a scout's or a multi-energy image's numbers
 * are not taken for HU unless they say so. PET says it in Units (C.8.9.1), where counts of an unscaled kind say nothing.
 */
export function valueUnit(frame: Frame): string {
  if (frame.suv?.kind === 'factor') return 'SUVbw';
  if (frame.rescaleType) return frame.rescaleType === 'US' ? '' : petUnit(frame) || frame.rescaleType;
  if (frame.modality === 'PT') return petUnit(frame);
  const isPlain = !frame.isMultiEnergy && !frame.imageType.includes('LOCALIZER');
  return frame.modality === 'CT' && frame.sopClassUid === CT_IMAGE && isPlain ? 'HU' : '';
}

const petUnit = (frame: Frame): string =>
  frame.modality === 'PT' && frame.petUnits !== 'NONE' ? frame.petUnits : '';

/** From the values of the picture to those that are told; 1 unless they are told as SUV. */
export const factorOf = ({ suv }: Frame): number => (suv?.kind === 'factor' ? suv.factor : 1);

export interface DecodedPixels {
  pixels: ArrayLike<number>;
  rows: number;
  columns: number;
  /** What the decoder already applied; null when the numbers are as stored. */
  applied: { slope: number; intercept: number } | null;
}

/** Padding as values: stored numbers that are no picture, whatever the rescale made of them. Null where the file names none. */
export function paddingRange({ picture, slope, intercept, hasModalityLut, isColour }: Frame) {
  if (!picture.padding || hasModalityLut || isColour) return null;
  const [a, b] = [picture.padding.low, picture.padding.high].map((one) => one * slope + intercept) as [
    number,
    number,
  ];
  /* Fractions were rounded on their way: half a step beside it is still the same stored number. */
  const half = Math.abs(slope) / 2;
  return { low: Math.min(a, b) - half, high: Math.max(a, b) + half };
}

/** Values of a whole decoded frame, or why there are none. A rescale that is not the frame's own is not believed. */
export function gridOf(frame: Frame, decoded: DecodedPixels): PixelGrid | NoValues {
  const { pixels, rows, columns, applied } = decoded;
  if (frame.isColour || pixels.length !== rows * columns) return 'colour';
  const { slope, intercept } = frame;
  if (applied && (applied.slope !== slope || applied.intercept !== intercept)) return 'rescale';
  const at = (index: number): number => pixels[index] ?? Number.NaN;
  const scaled = applied ? at : (index: number): number => at(index) * slope + intercept;
  const padding = paddingRange(frame);
  const factor = factorOf(frame);
  const told = (index: number): number => {
    const value = scaled(index);
    return padding && value > padding.low && value < padding.high ? Number.NaN : value * factor;
  };
  return { rows, columns, valueAt: padding || factor !== 1 ? told : scaled };
}

/** Columns of one row, first and last. */
type Span = readonly [number, number];

/** Pixels whose centre is inside or on the ellipse. */
export function ellipseSpan({ centre, u, v }: Ellipse, row: number): Span[] {
  const size = u[0] * v[1] - u[1] * v[0];
  if (Math.abs(size) < 1e-9) return [];
  /* With s and t along the half diameters: s² + t² ≤ 1, a quadratic in the column. */
  const y = row - centre[1];
  const [s1, s0, t1, t0] = [v[1] / size, (-y * v[0]) / size, -u[1] / size, (y * u[0]) / size];
  const a = s1 * s1 + t1 * t1;
  const b = s1 * s0 + t1 * t0;
  const root = b * b - a * (s0 * s0 + t0 * t0 - 1);
  if (root < -1e-12) return [];
  const reach = Math.sqrt(Math.max(0, root)) / a;
  const middle = centre[0] - b / a;
  return [[Math.ceil(middle - reach - 1e-9), Math.floor(middle + reach + 1e-9)]];
}

/** Pixels whose centre is inside; on an edge, left and top count and right and bottom do not, so neighbours share none. */
export function polygonSpans(points: readonly Point[], row: number): Span[] {
  const crossings = points.flatMap((a, i) => {
    const b = points[(i + 1) % points.length] ?? a;
    return a[1] <= row !== b[1] <= row ? [a[0] + ((row - a[1]) / (b[1] - a[1])) * (b[0] - a[0])] : [];
  });
  crossings.sort((a, b) => a - b);
  return crossings.flatMap((x, i) =>
    i % 2 === 0 ? [[Math.ceil(x), Math.ceil(crossings[i + 1] ?? x) - 1] as const] : [],
  );
}

/** Over the pixels of the picture that the spans of each row name; null when there is none. */
export function statisticsOf(grid: PixelGrid, spansOf: (row: number) => readonly Span[]): Statistics | null {
  let [count, sum, mean, m2] = [0, 0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < grid.rows; row += 1) {
    for (const [from, to] of spansOf(row)) {
      for (let column = Math.max(0, from); column <= Math.min(grid.columns - 1, to); column += 1) {
        const value = grid.valueAt(row * grid.columns + column);
        if (Number.isNaN(value)) continue;
        count += 1;
        sum += value;
        const step = value - mean;
        mean += step / count;
        m2 += step * (value - mean);
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    }
  }
  return count === 0 ? null : { mean: sum / count, sd: Math.sqrt(m2 / count), min, max, count };
}

/** The value of the pixel the point lies in; null outside the picture. */
export function valueAt(grid: PixelGrid, [x, y]: Point): number | null {
  const [column, row] = [Math.round(x), Math.round(y)];
  if (column < 0 || row < 0 || column >= grid.columns || row >= grid.rows) return null;
  const value = grid.valueAt(row * grid.columns + column);
  return Number.isNaN(value) ? null : value;
}
