/** What a distance between pixels means: in the body, at the detector, or nothing but pixels. */
import type { Frame, Spacing, UltrasoundRegion } from './metadata';

/** [column, row]; the centre of the first pixel is [0, 0], its outer corner [-0.5, -0.5]. */
export type Point = readonly [number, number];

export type Basis = 'body' | 'estimate' | 'detector' | 'none' | 'outside';

export type Calibration =
  | { kind: 'body' | 'estimate' | 'detector'; spacing: Spacing }
  | { kind: 'regions'; regions: readonly UltrasoundRegion[] }
  | { kind: 'none'; aspect: Spacing };

/** How to measure between certain points. */
export interface Metric {
  unit: 'mm' | 'px';
  basis: Basis;
  /** Vertical and horizontal size of a pixel, in the unit. */
  spacing: Spacing;
  /** Vertical and horizontal size in relation to each other; null where angles and shapes mean nothing. */
  shape: Spacing | null;
}

const PROJECTION = new Set(['CR', 'DX', 'MG', 'XA', 'RF', 'IO', 'PX', 'RG']);
const CENTIMETRES = 3;

/** A shadow picture: depth is not in it. */
export const isProjection = (frame: Frame): boolean => PROJECTION.has(frame.modality);

const TWO_DIMENSIONAL = 1;
const MM_PER_CM = 10;
const SAME_SPACING = 1e-4;

const isSpacing = (spacing: Spacing | null): spacing is Spacing =>
  spacing?.every((mm) => Number.isFinite(mm) && mm > 0) === true;

const isSame = (a: Spacing, b: Spacing): boolean =>
  a.every((mm, axis) => Math.abs(mm - (b[axis] ?? 0)) <= SAME_SPACING * mm);

const square = (frame: Frame): Calibration => ({
  kind: 'none',
  aspect: isSpacing(frame.aspect) ? frame.aspect : [1, 1],
});

/**
 * A shadow picture is larger than what threw the shadow. Pixel Spacing means the body only when somebody calibrated it: the
 * Calibration Type says so, or it differs from Imager Pixel Spacing (PS3.3 10.7.1.3). Otherwise the detector's spacing divided
 * by the estimated magnification (C.8.11.7 and C.8.7.5) is an estimate, and without one it is a length at the detector.
 */
function projection(frame: Frame): Calibration {
  const { pixelSpacing, imagerSpacing, magnification } = frame;
  const isDifferent =
    isSpacing(pixelSpacing) && isSpacing(imagerSpacing) && !isSame(pixelSpacing, imagerSpacing);
  if (isSpacing(pixelSpacing) && (isCalibrated(frame) || isDifferent))
    return { kind: 'body', spacing: pixelSpacing };
  const atDetector = isSpacing(imagerSpacing) ? imagerSpacing : pixelSpacing;
  if (!isSpacing(atDetector)) return square(frame);
  /* The body lies before the detector, so its shadow is never smaller than itself. */
  if (!isSpacing(imagerSpacing) || magnification === null || !(magnification >= 1))
    return { kind: 'detector', spacing: atDetector };
  return { kind: 'estimate', spacing: [atDetector[0] / magnification, atDetector[1] / magnification] };
}

const isCalibrated = ({ calibrationType }: Frame): boolean =>
  calibrationType === 'GEOMETRY' || calibrationType === 'FIDUCIAL';

const isInSpace = (frame: Frame): boolean =>
  frame.position !== null && frame.row !== null && frame.column !== null;

/** A region that reaches beyond the picture was written for another size of it, so its deltas are too; one pixel over is common. */
const believed = (region: UltrasoundRegion, { rows, columns }: Frame): UltrasoundRegion =>
  region.left >= 0 && region.top >= 0 && region.right <= columns && region.bottom <= rows
    ? region
    : { ...region, unitX: 0, unitY: 0 };

/**
 * Pixel Spacing is a distance in the body for slices that have a place in it (PS3.3 C.7.6.2, 10.7.1.1) and for nuclear medicine;
 * ultrasound has regions (C.8.5.5). A CT scout is a shadow picture at an assumed depth, so an estimate. Everything else, such as
 * a secondary capture, needs a calibration.
 */
export function calibrationOf(frame: Frame): Calibration {
  if (frame.regions.length > 0)
    return { kind: 'regions', regions: frame.regions.map((one) => believed(one, frame)) };
  if (isProjection(frame)) return projection(frame);
  const { pixelSpacing } = frame;
  if (!isSpacing(pixelSpacing)) return square(frame);
  if (frame.modality === 'CT' && frame.imageType.includes('LOCALIZER'))
    return { kind: 'estimate', spacing: pixelSpacing };
  if (isInSpace(frame) || frame.modality === 'NM' || isCalibrated(frame))
    return { kind: 'body', spacing: pixelSpacing };
  return square(frame);
}

const holds = (region: UltrasoundRegion, [x, y]: Point): boolean =>
  x >= region.left - 0.5 && x <= region.right + 0.5 && y >= region.top - 0.5 && y <= region.bottom + 0.5;

/** Millimetres a pixel; deltas carry the direction of the axis, so they may be negative. */
function regionSpacing(region: UltrasoundRegion): Spacing | null {
  const isPhysical =
    region.format === TWO_DIMENSIONAL && region.unitX === CENTIMETRES && region.unitY === CENTIMETRES;
  const spacing: Spacing = [Math.abs(region.deltaY) * MM_PER_CM, Math.abs(region.deltaX) * MM_PER_CM];
  return isPhysical && isSpacing(spacing) ? spacing : null;
}

/** One region must hold all points, and no other region may contradict it. Regions without a spatial format (0) say nothing. */
function inRegions(regions: readonly UltrasoundRegion[], points: readonly Point[]): Metric {
  const outside: Metric = { unit: 'px', basis: 'outside', spacing: [1, 1], shape: null };
  const touched = regions.filter((one) => one.format !== 0 && points.some((point) => holds(one, point)));
  const spacings = touched.map((one) =>
    points.every((point) => holds(one, point)) ? regionSpacing(one) : null,
  );
  const first = spacings[0];
  if (!first || !spacings.every((one) => one !== null && isSame(one, first))) return outside;
  return { unit: 'mm', basis: 'body', spacing: first, shape: first };
}

/** How to measure between these points of the frame. */
export function metricFor(calibration: Calibration, points: readonly Point[]): Metric {
  if (calibration.kind === 'regions') return inRegions(calibration.regions, points);
  if (calibration.kind === 'none')
    return { unit: 'px', basis: 'none', spacing: [1, 1], shape: calibration.aspect };
  const { kind, spacing } = calibration;
  return { unit: 'mm', basis: kind, spacing, shape: spacing };
}
