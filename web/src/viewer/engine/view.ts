import { getShouldUseCPURendering, type Types } from '@cornerstonejs/core';
import type { Point } from '../model/calibration';
import { type Turn, turnOf } from '../model/turn';
import { rangeOf } from '../model/windows';
import { type Plane, pixelOn, worldOn } from './planes';

/** Edges in columns and rows; [0, 0] is the outer corner of the first pixel. */
export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface PictureView extends Turn {
  area: Area;
}

type Viewport = Types.IStackViewport;
type Turning = { setRotation: (deg: number) => void };

interface OnProcessor {
  _cpuFallbackEnabledElement?: { viewport?: { voi?: { windowCenter: number; windowWidth: number } } };
}

/** The processor's path draws the next slice in the reader's window, but says the image's own: it is told what it draws. */
export function sayDrawnWindow(viewport: Viewport): void {
  if (!getShouldUseCPURendering()) return;
  const voi = (viewport as unknown as OnProcessor)._cpuFallbackEnabledElement?.viewport?.voi;
  if (!voi || !(voi.windowWidth > 0)) return;
  const voiRange = rangeOf(voi.windowCenter, voi.windowWidth, 'LINEAR');
  const said = viewport.getProperties().voiRange;
  if (said?.lower !== voiRange.lower || said.upper !== voiRange.upper)
    viewport.setProperties({ voiRange }, true);
}

const HALF_PIXEL = 0.5;

/** Of a picture area on the page, in CSS pixels. */
export interface Extent {
  width: number;
  height: number;
}

function areaOf(viewport: Viewport, extent: Extent, plane: Plane): Area {
  const corners = [
    [0, 0],
    [extent.width, extent.height],
  ].map(([x = 0, y = 0]) => pixelOn(plane, viewport.canvasToWorld([x, y])));
  const [columns, rows] = [corners.map((one) => one[0]), corners.map((one) => one[1])];
  return {
    left: Math.min(...columns) + HALF_PIXEL,
    top: Math.min(...rows) + HALF_PIXEL,
    right: Math.max(...columns) + HALF_PIXEL,
    bottom: Math.max(...rows) + HALF_PIXEL,
  };
}

/** Asked of the picture itself: where the corners of the screen lie in it. The engine's own flags mean something else on each path. */
export function viewOf(viewport: Viewport, extent: Extent, plane: Plane): PictureView | null {
  const { width, height } = extent;
  if (!width || !height) return null;
  const at = (x: number, y: number): Point => pixelOn(plane, viewport.canvasToWorld([x, y]));
  const [corner, across, below] = [at(0, 0), at(width, 0), at(0, height)];
  const right: Point = [(across[0] - corner[0]) / width, (across[1] - corner[1]) / width];
  const down: Point = [(below[0] - corner[0]) / height, (below[1] - corner[1]) / height];
  const turn = turnOf(right, down);
  return turn && { ...turn, area: areaOf(viewport, extent, plane) };
}

/** The engine flips and turns in its own order; what comes out is looked at, and the other way tried. */
function turnTo(viewport: Viewport, extent: Extent, plane: Plane, wanted: Turn): void {
  const turning = viewport as unknown as Turning;
  turning.setRotation(0);
  viewport.setCamera({ flipHorizontal: false, flipVertical: false });
  viewport.setCamera({ flipHorizontal: wanted.isMirrored });
  for (const deg of [wanted.rotationDeg, (360 - wanted.rotationDeg) % 360]) {
    turning.setRotation(deg);
    const now = viewOf(viewport, extent, plane);
    if (now?.rotationDeg === wanted.rotationDeg && now.isMirrored === wanted.isMirrored) return;
  }
}

function centreOn(viewport: Viewport, plane: Plane, { left, top, right, bottom }: Area): void {
  const middle: Point = [(left + right) / 2 - HALF_PIXEL, (top + bottom) / 2 - HALF_PIXEL];
  const focalPoint = worldOn(plane, middle);
  const { focalPoint: before, position } = viewport.getCamera();
  const moved = position?.map((one, i) => one + (focalPoint[i] ?? 0) - (before?.[i] ?? 0));
  viewport.setCamera({ focalPoint, position: moved as Types.Point3 });
}

/** All of the area, as large as it fits, in the middle. */
export function showView(viewport: Viewport, extent: Extent, plane: Plane, wanted: PictureView): void {
  viewport.resetCamera();
  turnTo(viewport, extent, plane, wanted);
  const now = areaOf(viewport, extent, plane);
  const { area } = wanted;
  const factor = Math.min(
    (now.right - now.left) / (area.right - area.left),
    (now.bottom - now.top) / (area.bottom - area.top),
  );
  if (Number.isFinite(factor) && factor > 0) viewport.setZoom(viewport.getZoom() * factor);
  centreOn(viewport, plane, area);
}
