import type { Types } from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';
import type { Point } from '../model/calibration';
import type { Mark, MarkKind } from '../model/marks';

/** The engine's form of a mark, and the way from and to ours. Nobody else knows it. */

export const MARK_TOOLS: Record<MarkKind, string> = {
  length: tools.LengthTool.toolName,
  bidirectional: tools.BidirectionalTool.toolName,
  angle: tools.AngleTool.toolName,
  cobb: tools.CobbAngleTool.toolName,
  ellipse: tools.EllipticalROITool.toolName,
  rectangle: tools.RectangleROITool.toolName,
  freehand: tools.PlanarFreehandROITool.toolName,
  probe: tools.ProbeTool.toolName,
  arrow: tools.ArrowAnnotateTool.toolName,
};

export const KINDS = new Map(
  Object.entries(MARK_TOOLS).map(([kind, toolName]) => [toolName, kind as MarkKind] as const),
);

export interface Drawn {
  annotationUID?: string;
  metadata?: { toolName?: string; referencedImageId?: string };
  data: {
    label?: string;
    cachedStats?: unknown;
    contour?: { polyline?: Types.Point3[]; closed?: boolean };
    handles?: {
      points?: Types.Point3[];
      arrowFirst?: boolean;
      activeHandleIndex?: number | null;
      textBox?: { hasMoved?: boolean; worldPosition?: unknown };
    };
  };
  highlighted?: boolean;
  isSelected?: boolean;
  invalidated?: boolean;
}

/** Each finished mark as text; the order is the order of drawing. */
export type Snapshot = readonly string[];

/** An image on screen: where its pixels lie in the engine's space, and how the engine refers to it. */
export interface Place {
  toWorld: (point: Point) => Types.Point3;
  reference: object;
}

export const uidOf = (drawn: Drawn): string => drawn.annotationUID ?? '';

export function markFrom(
  drawn: Drawn,
  toPixel: (imageId: string, world: Types.Point3) => Point | null,
): Mark | null {
  const kind = KINDS.get(drawn.metadata?.toolName ?? '');
  const imageId = drawn.metadata?.referencedImageId;
  if (!kind || !imageId) return null;
  const { contour, handles, label } = drawn.data;
  const world = (kind === 'freehand' ? contour?.polyline : handles?.points) ?? [];
  const points = world.map((one) => toPixel(imageId, one));
  if (!points.every((one): one is Point => one !== null)) return null;
  return { id: uidOf(drawn), kind, imageId, points, isClosed: contour?.closed === true, text: label ?? '' };
}

const plain = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) ? Array.from(value as unknown as number[]) : value;

/** Without what the engine works out again, or what only says where the pointer is. */
export function written(drawn: Drawn): string {
  const { textBox, ...rest } = drawn.data.handles ?? {};
  const moved = textBox?.hasMoved ? { hasMoved: true, worldPosition: textBox.worldPosition } : undefined;
  const handles = { ...rest, activeHandleIndex: null, textBox: moved };
  const data = { ...drawn.data, handles, cachedStats: {} };
  const { annotationUID, metadata } = drawn;
  return JSON.stringify({ annotationUID, metadata, data }, plain);
}

const ORIGIN = [0, 0, 0];
/** Until it is drawn; the engine asks where the box is at every move of the pointer. */
const NO_BOX = { topLeft: ORIGIN, topRight: ORIGIN, bottomLeft: ORIGIN, bottomRight: ORIGIN };

export function restored(text: string): Drawn {
  const drawn = JSON.parse(text) as Drawn;
  const textBox = { hasMoved: false, worldPosition: ORIGIN, worldBoundingBox: NO_BOX };
  const { handles } = drawn.data;
  /* Some tools take anything but null for a handle in hand, and fail to draw. */
  drawn.data.handles = { ...handles, activeHandleIndex: null, textBox: { ...textBox, ...handles?.textBox } };
  const isShown = { isVisible: true, isLocked: false };
  return { ...drawn, ...isShown, highlighted: false, isSelected: false, invalidated: true };
}

/** A kept mark as the engine's, on an image that is on screen. */
export function drawnFrom(mark: Mark, place: Place): Drawn {
  const world = mark.points.map(place.toWorld);
  const ends = [world[0], world.at(-1)];
  const isLine = mark.kind === 'freehand';
  const data = {
    label: mark.text ?? '',
    ...(isLine ? { contour: { polyline: world, closed: mark.isClosed } } : {}),
    handles: {
      points: isLine ? (mark.isClosed ? [] : ends) : world,
      ...(mark.kind === 'arrow' ? { arrowFirst: true } : {}),
    },
    cachedStats: {},
  };
  const metadata = {
    ...place.reference,
    toolName: MARK_TOOLS[mark.kind],
    referencedImageId: mark.imageId,
  };
  return restored(JSON.stringify({ annotationUID: mark.id, metadata, data }, plain));
}

/** A mark on an image nobody has looked at yet stands in the steps as itself. */
export const waitingText = (mark: Mark): string => JSON.stringify({ waiting: mark });

export const waitingIn = (text: string): Mark | null =>
  (JSON.parse(text) as { waiting?: Mark }).waiting ?? null;

/** Which mark a text of a step is about. */
export function uidIn(text: string): string {
  const { annotationUID, waiting } = JSON.parse(text) as { annotationUID?: string; waiting?: Mark };
  return waiting?.id ?? annotationUID ?? '';
}
