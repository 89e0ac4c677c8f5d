import { eventTarget, type Types } from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';
import type { Point } from '../model/calibration';
import { type History, type HistoryAct, newHistory, reduceHistory } from '../model/history';
import type { Mark, MarkKind } from '../model/marks';

/** What is drawn on the images of a case: the engine draws and drags it, our model says what it measures. */

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

export const MARK_TOOL_CLASSES = [
  tools.LengthTool,
  tools.BidirectionalTool,
  tools.AngleTool,
  tools.CobbAngleTool,
  tools.EllipticalROITool,
  tools.RectangleROITool,
  tools.PlanarFreehandROITool,
  tools.ProbeTool,
  tools.ArrowAnnotateTool,
];

const KINDS = new Map(
  Object.entries(MARK_TOOLS).map(([kind, toolName]) => [toolName, kind as MarkKind] as const),
);

/** Readable on bone as on air, without hiding more than it must. */
const LOOK = {
  color: 'rgb(240, 208, 96)',
  colorHighlighted: 'rgb(140, 220, 240)',
  colorSelected: 'rgb(140, 220, 240)',
  textBoxColor: 'rgb(240, 208, 96)',
  textBoxColorHighlighted: 'rgb(140, 220, 240)',
  textBoxColorSelected: 'rgb(140, 220, 240)',
  textBoxBackground: 'rgba(0, 0, 0, 0.62)',
  textBoxFontFamily: "'Noto Sans JP', sans-serif",
  textBoxFontSize: '12px',
};

export interface MarkCounts {
  count: number;
  canUndo: boolean;
  canRedo: boolean;
}

/** One case at a time hands in what the engine cannot know. */
export interface MarkReader {
  lines: (mark: Mark) => string[];
  askForText: () => Promise<string | null>;
  onChange: (counts: MarkCounts) => void;
}

interface Drawn {
  annotationUID?: string;
  metadata?: { toolName?: string; referencedImageId?: string };
  data: {
    label?: string;
    cachedStats?: unknown;
    contour?: { polyline?: Types.Point3[]; closed?: boolean };
    handles?: { points?: Types.Point3[]; textBox?: { hasMoved?: boolean; worldPosition?: unknown } };
  };
  highlighted?: boolean;
  isSelected?: boolean;
  invalidated?: boolean;
}

/** Each finished annotation as text; the order is the order of drawing. */
type Snapshot = readonly string[];

const { state, selection } = tools.annotation;
const { Events } = tools.Enums;

let reader: MarkReader | null = null;
let toPixel: (imageId: string, world: Types.Point3) => Point | null = () => null;
let redraw: () => void = () => undefined;
/** What was drawn to its end; anything else is still under the pointer. */
const finished = new Set<string>();
let history: History<Snapshot> = newHistory<Snapshot>([]);
let isBusy = false;

const all = (): Drawn[] =>
  (state.getAllAnnotations() as unknown as Drawn[]).filter(({ metadata }) =>
    KINDS.has(metadata?.toolName ?? ''),
  );

const uidOf = (drawn: Drawn): string => drawn.annotationUID ?? '';

function markOf(drawn: Drawn): Mark | null {
  const kind = KINDS.get(drawn.metadata?.toolName ?? '');
  const imageId = drawn.metadata?.referencedImageId;
  if (!kind || !imageId) return null;
  const { contour, handles } = drawn.data;
  const world = (kind === 'freehand' ? contour?.polyline : handles?.points) ?? [];
  const points = world.map((one) => toPixel(imageId, one));
  if (!points.every((one): one is Point => one !== null)) return null;
  return { id: uidOf(drawn), kind, imageId, points, isClosed: contour?.closed === true };
}

/** The engine's own numbers and units are never shown: it takes its text from here. */
export function linesOf(data: unknown): string[] {
  const drawn = all().find((one) => one.data === data);
  const mark = drawn ? markOf(drawn) : null;
  return (mark && reader?.lines(mark)) ?? [];
}

export function askForText(done: (text: string) => void): void {
  void (reader?.askForText() ?? Promise.resolve(null)).then((text) => done(text ?? ''));
}

/** In the order they were drawn, whatever was undone and redone since. */
function inOrder(): Drawn[] {
  const byUid = new Map(all().map((one) => [uidOf(one), one] as const));
  return [...finished].flatMap((uid) => byUid.get(uid) ?? []);
}

/** Finished marks on images that some pane shows now. */
export const shownMarks = (): Mark[] => inOrder().flatMap((one) => markOf(one) ?? []);

export const isDrawing = (): boolean => all().some((one) => !finished.has(uidOf(one)));

const plain = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) ? Array.from(value as unknown as number[]) : value;

/** Without what the engine works out again, or what only says where the pointer is. */
function written(drawn: Drawn): string {
  const { textBox, ...rest } = drawn.data.handles ?? {};
  const moved = textBox?.hasMoved ? { hasMoved: true, worldPosition: textBox.worldPosition } : undefined;
  const handles = { ...rest, activeHandleIndex: null, textBox: moved };
  const data = { ...drawn.data, handles, cachedStats: {} };
  const { annotationUID, metadata } = drawn;
  return JSON.stringify({ annotationUID, metadata, data }, plain);
}

const snapshot = (): Snapshot => inOrder().map(written);

const isSame = (a: Snapshot, b: Snapshot): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);

function step(act: HistoryAct<Snapshot>): void {
  history = reduceHistory(history, act, isSame);
  reader?.onChange({
    count: history.present.length,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
  });
}

const commit = (): void => {
  if (!isBusy) step({ type: 'commit', state: snapshot() });
};

function quietly(act: () => void): void {
  isBusy = true;
  try {
    act();
  } finally {
    isBusy = false;
  }
}

const ORIGIN = [0, 0, 0];
/** Until it is drawn; the engine asks where the box is at every move of the pointer. */
const NO_BOX = { topLeft: ORIGIN, topRight: ORIGIN, bottomLeft: ORIGIN, bottomRight: ORIGIN };

function restored(text: string): Drawn {
  const drawn = JSON.parse(text) as Drawn;
  const textBox = { hasMoved: false, worldPosition: ORIGIN, worldBoundingBox: NO_BOX };
  drawn.data.handles = { ...drawn.data.handles, textBox: { ...textBox, ...drawn.data.handles?.textBox } };
  const isShown = { isVisible: true, isLocked: false };
  return { ...drawn, ...isShown, highlighted: false, isSelected: false, invalidated: true };
}

function putBack(wanted: Snapshot): void {
  quietly(() => {
    cancelDrawing();
    selection.setAnnotationSelected('', false);
    for (const one of all()) state.removeAnnotation(uidOf(one));
    for (const text of wanted) {
      const drawn = restored(text);
      finished.add(uidOf(drawn));
      state.addAnnotation(drawn as never, undefined as never);
    }
  });
  redraw();
}

/** A change that has not been noted yet is the first to be undone. */
export function undoMark(): void {
  commit();
  step({ type: 'undo' });
  putBack(history.present);
}

export function redoMark(): void {
  commit();
  step({ type: 'redo' });
  putBack(history.present);
}

function remove(uids: readonly string[]): void {
  quietly(() => {
    selection.setAnnotationSelected('', false);
    for (const uid of uids) state.removeAnnotation(uid);
  });
  commit();
  redraw();
}

export const removeSelectedMarks = (): void => remove(selection.getAnnotationsSelected());

export const removeAllMarks = (): void => remove(all().map(uidOf));

let open: () => readonly HTMLDivElement[] = () => [];

/** What is half drawn goes; what was being moved stays where it is. */
export function cancelDrawing(): void {
  const wasBusy = isBusy;
  isBusy = true;
  for (const element of open()) tools.cancelActiveManipulations(element);
  for (const one of all()) if (!finished.has(uidOf(one))) state.removeAnnotation(uidOf(one));
  isBusy = wasBusy;
  redraw();
}

/** A case begins or ends: nothing drawn on one patient can appear in another's, nor come back by undoing. */
export function startMarks(next: MarkReader | null): void {
  putBack([]);
  finished.clear();
  reader = next;
  step({ type: 'restart', state: [] });
}

export function endMarks(of: MarkReader): void {
  if (reader === of) startMarks(null);
}

const REST_MS = 250;
let isListening = false;

/** The panes tell where a point of space lies in their image, and how to draw anew. */
export function hearMarks(panes: {
  toPixel: typeof toPixel;
  redraw: typeof redraw;
  elements: typeof open;
}): void {
  ({ toPixel, redraw, elements: open } = panes);
  if (isListening) return;
  isListening = true;
  const { style } = tools.annotation.config;
  const global = style.getDefaultToolStyles().global ?? {};
  style.setDefaultToolStyles({ ...style.getDefaultToolStyles(), global: { ...global, ...LOOK } });
  eventTarget.addEventListener(Events.ANNOTATION_COMPLETED, (event: Event) => {
    if (isBusy) return;
    finished.add(uidOf((event as CustomEvent<{ annotation: Drawn }>).detail.annotation));
    queueMicrotask(commit);
  });
  /* What is dragged changes many times; it is one step once it rests. */
  let rest: ReturnType<typeof setTimeout> | undefined;
  eventTarget.addEventListener(Events.ANNOTATION_MODIFIED, () => {
    clearTimeout(rest);
    if (!isBusy) rest = setTimeout(commit, REST_MS);
  });
}
