import { eventTarget, type Types, utilities } from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';
import type { Point } from '../model/calibration';
import { type History, type HistoryAct, newHistory, reduceHistory } from '../model/history';
import type { Mark } from '../model/marks';
import {
  type Drawn,
  drawnFrom,
  KINDS,
  markFrom,
  type Place,
  restored,
  type Snapshot,
  uidIn,
  uidOf,
  waitingIn,
  waitingText,
  written,
} from './written';

/** What is drawn on the images of a case: the engine draws and drags it, our model says what it measures. */

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

const { state, selection } = tools.annotation;
const { Events } = tools.Enums;

let reader: MarkReader | null = null;
let toPixel: (imageId: string, world: Types.Point3) => Point | null = () => null;
let placeOf: (imageId: string) => Place | null = () => null;
let redraw: () => void = () => undefined;
/** What was drawn to its end; anything else is still under the pointer. */
const finished = new Set<string>();
/** Kept marks whose image has not been on screen yet: they become the engine's when it is. */
const waiting = new Map<string, Mark>();
/** Marks in our points by the engine's text of them: an image that is not on screen cannot be asked. */
const known = new Map<string, Mark>();
/** As last seen on screen, should the engine have changed its own text of a mark since. */
const lastSeen = new Map<string, Mark>();
let history: History<Snapshot> = newHistory<Snapshot>([]);
let isBusy = false;

const all = (): Drawn[] =>
  (state.getAllAnnotations() as unknown as Drawn[]).filter(({ metadata }) =>
    KINDS.has(metadata?.toolName ?? ''),
  );

const markOf = (drawn: Drawn): Mark | null => markFrom(drawn, toPixel);

/** The engine's own numbers and units are never shown: it takes its text from here. */
export function linesOf(data: unknown): string[] {
  const drawn = all().find((one) => one.data === data);
  const mark = drawn ? markOf(drawn) : null;
  return (mark && reader?.lines(mark)) ?? [];
}

export function askForText(done: (text: string) => void): void {
  void (reader?.askForText() ?? Promise.resolve(null)).then((text) => done(text ?? ''));
}

/** What stands beside marks has changed, though they have not. */
export const redrawMarks = (): void => redraw();

/** In the order they were drawn, whatever was undone and redone since. */
function inOrder(): Drawn[] {
  const byUid = new Map(all().map((one) => [uidOf(one), one] as const));
  return [...finished].flatMap((uid) => byUid.get(uid) ?? []);
}

/** Finished marks on images that some pane shows now. */
export const shownMarks = (): Mark[] => inOrder().flatMap((one) => markOf(one) ?? []);

/** Every finished mark of the case, also those on images nobody looks at now. */
export function everyMark(): Mark[] {
  const byUid = new Map(all().map((one) => [uidOf(one), one] as const));
  return [...finished].flatMap((uid) => {
    const drawn = byUid.get(uid);
    if (!drawn) return waiting.get(uid) ?? [];
    const mark = markOf(drawn) ?? known.get(written(drawn)) ?? lastSeen.get(uid);
    if (mark) lastSeen.set(uid, mark);
    return mark ?? [];
  });
}

/** The one mark the reader chose, or else the last one drawn to its end. */
export function chosenMark(): Mark | null {
  const [selected] = selection.getAnnotationsSelected();
  const marks = everyMark();
  return marks.find(({ id }) => id === selected) ?? marks.at(-1) ?? null;
}

export const isDrawing = (): boolean => all().some((one) => !finished.has(uidOf(one)));

function snapshot(): Snapshot {
  const byUid = new Map(all().map((one) => [uidOf(one), one] as const));
  return [...finished].flatMap((uid) => {
    const [drawn, kept] = [byUid.get(uid), waiting.get(uid)];
    if (!drawn) return kept ? [waitingText(kept)] : [];
    const text = written(drawn);
    const mark = markOf(drawn);
    if (mark) known.set(text, mark);
    return [text];
  });
}

const isSame = (a: Snapshot, b: Snapshot): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);

function tell(): void {
  reader?.onChange({
    count: history.present.length,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
  });
}

const turnTo = (act: HistoryAct<Snapshot>): void => {
  history = reduceHistory(history, act, isSame);
};

function step(act: HistoryAct<Snapshot>): void {
  turnTo(act);
  tell();
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

function putBack(wanted: Snapshot): void {
  quietly(() => {
    cancelDrawing();
    selection.setAnnotationSelected('', false);
    for (const one of all()) state.removeAnnotation(uidOf(one));
    waiting.clear();
    for (const text of wanted) {
      const mark = waitingIn(text);
      if (mark) waiting.set(mark.id, mark);
      else state.addAnnotation(restored(text) as never, undefined as never);
    }
  });
  placeMarks();
  redraw();
}

/** Marks that were kept join the case as if they had been there from its beginning: no step back removes them. */
export function joinMarks(marks: readonly Mark[]): void {
  const fresh = marks.filter(({ id }) => !finished.has(id));
  for (const mark of fresh) {
    finished.add(mark.id);
    waiting.set(mark.id, mark);
  }
  step({ type: 'join', change: (now) => [...now, ...fresh.map(waitingText)] });
  placeMarks();
  redraw();
}

/** Drawn, moved or removed in another window of the case: it has been so at every step here, and no step back undoes it. */
export function amendMarks(put: readonly Mark[], gone: readonly string[]): void {
  commit();
  const changed = new Set([...gone, ...put.map(({ id }) => id)]);
  quietly(() => {
    for (const uid of changed) {
      state.removeAnnotation(uid);
      waiting.delete(uid);
      finished.delete(uid);
    }
  });
  step({ type: 'join', change: (now) => now.filter((text) => !changed.has(uidIn(text))) });
  joinMarks(put);
}

/** An image came on screen: the marks kept for it are drawn. */
export function placeMarks(): void {
  const placed = new Map<string, string>();
  for (const mark of [...waiting.values()]) {
    const place = placeOf(mark.imageId);
    if (!place) continue;
    const drawn = drawnFrom(mark, place);
    quietly(() => state.addAnnotation(drawn as never, undefined as never));
    waiting.delete(mark.id);
    placed.set(waitingText(mark), written(drawn));
    known.set(written(drawn), mark);
    lastSeen.set(mark.id, mark);
  }
  if (placed.size === 0) return;
  step({ type: 'join', change: (now) => now.map((text) => placed.get(text) ?? text) });
  redraw();
}

/** A change that has not been noted yet is the first to be undone. */
export function undoMark(): void {
  commit();
  turnTo({ type: 'undo' });
  putBack(history.present);
  /* Not before: whoever keeps the marks asks for them now, and what is left need not be on screen to say so itself. */
  tell();
}

export function redoMark(): void {
  commit();
  turnTo({ type: 'redo' });
  putBack(history.present);
  /* Not before: whoever keeps the marks asks for them now, and what is left need not be on screen to say so itself. */
  tell();
}

function remove(uids: readonly string[]): void {
  quietly(() => {
    selection.setAnnotationSelected('', false);
    for (const uid of uids) {
      state.removeAnnotation(uid);
      waiting.delete(uid);
    }
  });
  commit();
  redraw();
}

export const removeSelectedMarks = (): void => remove(selection.getAnnotationsSelected());

export const removeAllMarks = (): void => remove([...all().map(uidOf), ...waiting.keys()]);

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
  known.clear();
  lastSeen.clear();
  reader = next;
  /* The engine keeps steps of its own, which nobody asks for: each would hold the screen it was made on. */
  utilities.HistoryMemo.DefaultHistoryMemo.size = 1;
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
  placeOf: typeof placeOf;
  redraw: typeof redraw;
  elements: typeof open;
}): void {
  ({ toPixel, placeOf, redraw, elements: open } = panes);
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
  hearDragging();
}

/** What is dragged changes many times; it is one step once it rests and the button is up, however slow the hand was. */
function hearDragging(): void {
  let rest: ReturnType<typeof setTimeout> | undefined;
  let isPressed = false;
  let isChanged = false;
  const settle = (): void => {
    clearTimeout(rest);
    rest = setTimeout(() => {
      if (isPressed || !isChanged) return;
      isChanged = false;
      commit();
    }, REST_MS);
  };
  eventTarget.addEventListener(Events.ANNOTATION_MODIFIED, () => {
    if (isBusy) return;
    isChanged = true;
    settle();
  });
  const press = (isDown: boolean) => (): void => {
    isPressed = isDown;
    if (!isDown) settle();
  };
  window.addEventListener('pointerdown', press(true), true);
  for (const name of ['pointerup', 'pointercancel']) window.addEventListener(name, press(false), true);
}
