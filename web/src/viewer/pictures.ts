/** How pictures are shown beyond the engine's window: through a VOI LUT, by a region, in SUV. */
import type { ViewerCase } from './case';
import { pixelsOf } from './engine/door';
import type { Look } from './engine/stage';
import type { Point } from './model/calibration';
import type { Frame } from './model/metadata';
import { gridOf } from './model/values';
import { type WindowPreset, windowOf } from './model/windows';

/** As the file says: through its first VOI LUT where it names no window, or where it is wanted all the same. */
export function defaultLut(frame: Frame | undefined, wanted: number | null = null): number | null {
  if (!frame || frame.isColour || frame.picture.voiLuts.length === 0) return null;
  return frame.windows.length === 0 ? 0 : wanted;
}

export function choosePreset(viewer: ViewerCase, index: number, preset: WindowPreset): void {
  if (preset.lut !== undefined) {
    viewer.changePane(index, { lut: preset.lut });
    return;
  }
  viewer.setWindow(index, preset.center, preset.width);
  if (preset.isInverted !== undefined) viewer.view(index)?.setInverted(preset.isInverted);
}

/** A reader who drags the window has left the VOI LUT. */
export function noteLook(viewer: ViewerCase, index: number, look: Look, isHeld: boolean): void {
  const before = viewer.store.get().panes[index]?.look;
  const isMoved = before && (before.center !== look.center || before.width !== look.width);
  viewer.changePane(index, isHeld && isMoved ? { look, lut: null } : { look });
}

const LEAST_PIXELS = 4;
/** One in a hundred at each end may be noise or a marker. */
const LEFT_OUT = 0.01;

/** The window that shows the values between two corners; null where there are too few or none. */
export function windowFrom(frame: Frame, from: Point, to: Point): { center: number; width: number } | null {
  const decoded = pixelsOf(frame);
  const grid = decoded ? gridOf({ ...frame, suv: null }, decoded) : null;
  if (!grid || typeof grid === 'string') return null;
  const ends = (axis: 0 | 1, most: number): [number, number] => [
    Math.max(0, Math.ceil(Math.min(from[axis], to[axis]))),
    Math.min(most - 1, Math.floor(Math.max(from[axis], to[axis]))),
  ];
  const [[left, right], [top, bottom]] = [ends(0, grid.columns), ends(1, grid.rows)];
  const values: number[] = [];
  for (let row = top; row <= bottom; row += 1)
    for (let column = left; column <= right; column += 1) {
      const value = grid.valueAt(row * grid.columns + column);
      if (!Number.isNaN(value)) values.push(value);
    }
  if (values.length < LEAST_PIXELS) return null;
  values.sort((a, b) => a - b);
  const skip = Math.floor(values.length * LEFT_OUT);
  const [low, high] = [values[skip] ?? 0, values[values.length - 1 - skip] ?? 0];
  return high > low ? windowOf(low, high, frame.voiFunction) : null;
}

const ZOOM_A_NOTCH = 1.15;

/** Larger or smaller about the place under the pointer. */
export function zoomAt(viewer: ViewerCase, index: number, page: Point, notches: number): void {
  const view = viewer.view(index);
  const at = view?.fromPage(...page);
  const pixel = at && view?.toPixel(at);
  const lie = pixel && view?.lieOf(pixel);
  if (view && at && pixel && lie) view.lay(pixel, { at, perPixel: lie.perPixel * ZOOM_A_NOTCH ** -notches });
}
