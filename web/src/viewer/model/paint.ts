/** Grey values through a linear window, as DICOM defines it (PS3.3 C.11.2.1.2.1). */

export interface Grey {
  slope: number;
  intercept: number;
  center: number;
  width: number;
  /** Low values white. */
  isInverted: boolean;
}

/** Writes stored values as opaque grey into RGBA, which must have room for four bytes each. */
export function paintGrey(stored: ArrayLike<number>, grey: Grey, rgba: Uint8ClampedArray): void {
  const { slope, intercept, center, isInverted } = grey;
  const width = Math.max(1, grey.width);
  for (let i = 0; i < stored.length; i += 1) {
    const value = (stored[i] ?? 0) * slope + intercept;
    const share = width === 1 ? Number(value > center - 0.5) : (value - center + 0.5) / (width - 1) + 0.5;
    const shown = Math.round(Math.min(1, Math.max(0, share)) * 255);
    rgba.fill(isInverted ? 255 - shown : shown, i * 4, i * 4 + 3);
    rgba[i * 4 + 3] = 255;
  }
}

/** The window that shows everything there is. */
export function wholeRange(
  stored: ArrayLike<number>,
  slope: number,
  intercept: number,
): { center: number; width: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < stored.length; i += 1) {
    const value = (stored[i] ?? 0) * slope + intercept;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high >= low ? { center: (low + high) / 2 + 0.5, width: high - low + 1 } : { center: 0.5, width: 1 };
}
