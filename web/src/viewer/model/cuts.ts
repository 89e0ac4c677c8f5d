/** Stacks of cut planes: they hang, scroll and measure like any stack, but no instance of the study is behind a picture. */
import type { Frame } from './metadata';
import { type Plane, SLAB_MODES, type Slab } from './reformat';
import type { DisplaySet } from './stacks';
import { factorOf } from './values';
import { along, cross, dot, type Vector } from './vectors';
import { cornersOf, smallestEdge, type Volume } from './volume';

export const ORIENTATIONS = ['axial', 'coronal', 'sagittal'] as const;
export type Orientation = (typeof ORIENTATIONS)[number];

/** Directions of rising column and rising row, at right angles. Scrolling goes along their cross product. */
export interface Axes {
  row: Vector;
  column: Vector;
}
export type Turn = Record<Orientation, Axes>;

/** As they are looked at: the patient's right on the left, front up, head up; a sagittal plane from the left. */
export const UPRIGHT: Turn = {
  axial: { row: [1, 0, 0], column: [0, 1, 0] },
  coronal: { row: [1, 0, 0], column: [0, 0, -1] },
  sagittal: { row: [0, 1, 0], column: [0, 0, -1] },
};

export interface CutFacts {
  sourceId: string;
  orientation: Orientation;
  slab: Slab;
  isTurned: boolean;
  planes: readonly Plane[];
}

/** A stack cut out of another one. */
export interface CutSet extends DisplaySet {
  cut: CutFacts;
}

export const isCutSet = (set: DisplaySet | null | undefined): set is CutSet =>
  set !== null && set !== undefined && 'cut' in set;

const SCHEME = 'cut:';
export const isCutImage = (imageId: string): boolean => imageId.startsWith(SCHEME);

/** More would be slow and show nothing the voxels hold. */
const MOST_PIXELS = 1024;
const MOST_PLANES = 2048;
const HAIR = 1e-6;

function extent(corners: readonly Vector[], axis: Vector): [number, number] {
  const places = corners.map((corner) => dot(corner, axis));
  return [Math.min(...places), Math.max(...places)];
}

/** Planes one voxel edge apart through the whole volume; one of them goes exactly through the point. */
export function planesThrough(volume: Volume, axes: Axes, point: Vector): Plane[] {
  const corners = cornersOf(volume);
  const normal = cross(axes.row, axes.column);
  const [left, right] = extent(corners, axes.row);
  const [top, bottom] = extent(corners, axes.column);
  const [near, far] = extent(corners, normal);
  const edge = smallestEdge(volume);
  const between = Math.max(edge, Math.max(right - left, bottom - top) / (MOST_PIXELS - 1));
  const step = Math.max(edge, (far - near) / (MOST_PLANES - 1));
  const here = dot(point, normal);
  const [first, last] = [Math.ceil((near - here) / step - HAIR), Math.floor((far - here) / step + HAIR)];
  const corner = along(along([0, 0, 0], axes.row, left), axes.column, top);
  return Array.from({ length: Math.max(1, last - first + 1) }, (_, i) => ({
    ...axes,
    origin: along(corner, normal, here + (first + i) * step),
    betweenColumns: between,
    betweenRows: between,
    columns: Math.floor((right - left) / between + HAIR) + 1,
    rows: Math.floor((bottom - top) / between + HAIR) + 1,
  }));
}

/** The same plane of the same stack has the same name, so what was drawn on it is found again. */
function nameOf(source: DisplaySet, planes: readonly Plane[], slab: Slab): string {
  const first = planes[0];
  const geometry = [...(first?.row ?? []), ...(first?.column ?? []), ...(first?.origin ?? [])];
  const thickness = slab.mode === 'single' ? '' : `${slab.mode}${slab.mm}`;
  /* A hair aside: what lies on the edge between two thousandths would fall to either side by a rounding error. */
  return `${SCHEME}${source.id}/${geometry.map((n) => (n + HAIR / 10).toFixed(3)).join(',')}/${thickness}`;
}

/** One factor for all slices, or none. */
export function commonSuv(frames: readonly Frame[]): Frame['suv'] {
  const [first] = frames;
  const isEven = frames.every(({ suv }) => suv?.kind === 'factor' && suv.factor === factorOf(first as Frame));
  return !first?.suv || isEven ? (first?.suv ?? null) : { kind: 'missing', lacks: ['uneven'] };
}

/** Nothing of the source is claimed that no longer holds: an instance, a number, a calibration of its own. */
function frameOf(source: Frame, plane: Plane, slab: Slab, imageId: string, isLossy: boolean): Frame {
  return {
    ...source,
    imageId,
    sopInstanceUid: '',
    frameNumber: 1,
    instanceNumber: null,
    position: plane.origin,
    row: plane.row,
    column: plane.column,
    pixelSpacing: [plane.betweenRows, plane.betweenColumns],
    imagerSpacing: null,
    magnification: null,
    calibrationType: '',
    aspect: null,
    thicknessMm: slab.mode === 'single' ? null : slab.mm,
    rows: plane.rows,
    columns: plane.columns,
    imageType: ['DERIVED', 'SECONDARY', 'REFORMATTED'],
    isLossy,
    slope: 1,
    intercept: 0,
    /* Between slices there is no stored number: nothing can be told from padding, nothing lies over the picture. */
    picture: { ...source.picture, padding: null, overlays: [], voiLuts: [], hasEmbeddedOverlay: false },
    shutter: null,
    clip: null,
  };
}

export function cutSetOf(
  source: DisplaySet,
  volume: Volume,
  wish: { orientation: Orientation; axes: Axes; slab: Slab; point: Vector; isTurned: boolean },
): CutSet {
  const { orientation, axes, slab, point, isTurned } = wish;
  const planes = planesThrough(volume, axes, point);
  const id = nameOf(source, planes, slab);
  const normal = cross(axes.row, axes.column);
  const [one] = source.frames as readonly [Frame, ...Frame[]];
  const first = { ...one, suv: commonSuv(source.frames) };
  const isLossy = source.frames.some((frame) => frame.isLossy);
  return {
    id,
    seriesUid: source.seriesUid,
    studyUid: source.studyUid,
    frames: planes.map((plane, i) => frameOf(first, plane, slab, `${id}/${i}`, isLossy)),
    order: 'position',
    normal,
    positionsMm: planes.map((plane) => dot(plane.origin, normal)),
    spacingMm: smallestEdge(volume),
    isTilted: false,
    isLocalizer: false,
    part: source.part,
    cut: { sourceId: source.id, orientation, slab, isTurned, planes },
  };
}

/** Turned about an axis by the right hand: looking against the axis, rising angles go anticlockwise. */
export function rotated(vector: Vector, axis: Vector, radians: number): Vector {
  const [cosine, sine] = [Math.cos(radians), Math.sin(radians)];
  const side = cross(axis, vector);
  const kept = dot(axis, vector) * (1 - cosine);
  const sum = (i: 0 | 1 | 2): number => vector[i] * cosine + side[i] * sine + axis[i] * kept;
  return [sum(0), sum(1), sum(2)];
}

/** Both other planes turn about the normal of the one in which the reader drags: the three stay at right angles. */
export function turnedIn(turn: Turn, held: Orientation, radians: number): Turn {
  const normal = cross(turn[held].row, turn[held].column);
  const turned = (axes: Axes): Axes => ({
    row: rotated(axes.row, normal, radians),
    column: rotated(axes.column, normal, radians),
  });
  return Object.fromEntries(
    ORIENTATIONS.map((one) => [one, one === held ? turn[one] : turned(turn[one])]),
  ) as Turn;
}

export const isUpright = (turn: Turn): boolean =>
  ORIENTATIONS.every(
    (one) =>
      dot(turn[one].row, UPRIGHT[one].row) > 1 - HAIR * HAIR &&
      dot(turn[one].column, UPRIGHT[one].column) > 1 - HAIR * HAIR,
  );

const THICKNESSES = [3, 5, 10, 15, 20, 30, 50] as const;
export const USUAL_MM = 10;

export const SLAB_MM: readonly number[] = THICKNESSES;

/** The next thinner or thicker slab in the list. */
export function nextThickness(mm: number, way: 1 | -1): number {
  const further = way > 0 ? THICKNESSES.find((one) => one > mm) : THICKNESSES.findLast((one) => one < mm);
  return further ?? mm;
}

export const nextMode = (slab: Slab): Slab['mode'] =>
  SLAB_MODES[(SLAB_MODES.indexOf(slab.mode) + 1) % SLAB_MODES.length] ?? 'single';
