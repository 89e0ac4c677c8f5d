/**
 * The way to the engine. It is several megabytes of program, so it comes behind the first picture: until it is here nothing can be
 * drawn on, measured or marked, and everything asked here says so by being empty. What must be told to it is told when it comes.
 */
import { createStore } from '@/ui/store';
import type { CutSet } from '../model/cuts';
import type { Mark } from '../model/marks';
import type { DicomJson, Frame } from '../model/metadata';
import type { DecodedPixels } from '../model/values';
import type * as Engine from './all';
import type { CutMaker } from './cuts';
import type { Asking, FrameBytes } from './fetching';
import type { PixelDigest } from './frames';
import type { MarkReader } from './marks';
import type { MouseTool, PaneEvents, StackPane } from './stage';
import type { EngineInfo } from './start';
import type { Extras } from './truth';

let engine: typeof Engine | null = null;
let opening: Promise<EngineInfo> | null = null;
/** Of the case that is open; another case has nothing to do with it. */
let waiting: ((engine: typeof Engine) => void)[] = [];
let tool: MouseTool | null = null;

export const engineStore = createStore<{ info: EngineInfo | null; fault: unknown }>({
  info: null,
  fault: null,
});

async function open(): Promise<EngineInfo> {
  const all = await import('./all');
  const info = await all.startEngine();
  engine = all;
  if (tool) all.chooseTool(tool);
  for (const act of waiting.splice(0)) act(all);
  engineStore.set({ info, fault: null });
  return info;
}

/** Once per page: starting it a second time would empty its caches under the reader's eyes. */
export function startEngine(): Promise<EngineInfo> {
  opening ??= open().catch((fault: unknown) => {
    engineStore.set({ fault });
    throw fault;
  });
  return opening;
}

export const isEngineHere = (): boolean => engine !== null;

/** Now, or once the engine is here, if this case is still open then. */
export function withEngine(act: (engine: typeof Engine) => void): void {
  if (engine) act(engine);
  else waiting.push(act);
}

/** A picture area; null as long as there is no engine to draw in it. */
export const newPane = (id: string, element: HTMLDivElement, events: PaneEvents): StackPane | null =>
  engine && new engine.StackPane(id, element, events);

export function chooseTool(chosen: MouseTool): void {
  tool = chosen;
  engine?.chooseTool(chosen);
}

export const declareFrames = (json: DicomJson, frames: readonly Frame[]): void =>
  withEngine((all) => all.declareFrames(json, frames));

/** Decodes and checks a frame that has come, once the engine is here. */
export async function loadFrame(frame: Frame, asking: Asking, bytes: FrameBytes): Promise<void> {
  await startEngine();
  await engine?.loadFrame(frame, asking, bytes);
}

/** Every pixel and every description of the case before is gone, and what was still to be told of it. */
export function forgetFrames(): void {
  waiting = [];
  engine?.forgetFrames();
}

/** The decoded pixels of a whole frame; null unless it is here in full, and then nothing may be measured on it. */
export const pixelsOf = (frame: Frame): DecodedPixels | null => engine?.pixelsOf(frame) ?? null;

export const drawThumbnail = (canvas: HTMLCanvasElement, frame: Frame): boolean =>
  engine?.drawThumbnail(canvas, frame) ?? false;

export const digestOf = async (imageId: string): Promise<PixelDigest | null> =>
  (await engine?.digestOf(imageId)) ?? null;

const NO_EXTRAS: Extras = { voi: [], overlays: [] };

export const extrasOf = (frame: Frame): Extras => engine?.extrasOf(frame) ?? NO_EXTRAS;

export const declareCuts = (set: CutSet, maker: CutMaker): void =>
  withEngine((all) => all.declareCuts(set, maker));
export const dropCuts = (set: CutSet): void => withEngine((all) => all.dropCuts(set));

/* There are no marks where there is no engine: who keeps marks holds those of the hub until there is one. */
export const startMarks = (reader: MarkReader): void => engine?.startMarks(reader);
export const endMarks = (reader: MarkReader): void => engine?.endMarks(reader);
export const joinMarks = (marks: readonly Mark[]): void => engine?.joinMarks(marks);
export const amendMarks = (put: readonly Mark[], gone: readonly string[]): void =>
  engine?.amendMarks(put, gone);
export const everyMark = (): Mark[] => engine?.everyMark() ?? [];
export const shownMarks = (): Mark[] => engine?.shownMarks() ?? [];
export const chosenMark = (): Mark | null => engine?.chosenMark() ?? null;
export const isDrawing = (): boolean => engine?.isDrawing() ?? false;
export const cancelDrawing = (): void => engine?.cancelDrawing();
export const redrawMarks = (): void => engine?.redrawMarks();
export const undoMark = (): void => engine?.undoMark();
export const redoMark = (): void => engine?.redoMark();
export const removeSelectedMarks = (): void => engine?.removeSelectedMarks();
export const removeAllMarks = (): void => engine?.removeAllMarks();
