import { Enums, getShouldUseCPURendering, RenderingEngine, type Types } from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';
import type { Point } from '../model/calibration';
import type { MarkKind } from '../model/marks';
import type { PictureTurn } from '../model/orientation';
import type { Place } from '../model/place';
import { dot, minus, type Vector } from '../model/vectors';
import { rangeOf, windowOf } from '../model/windows';
import { askForText, cancelDrawing, hearMarks, linesOf, MARK_TOOLS } from './marks';

export type MouseTool = 'window' | 'pan' | 'zoom' | 'scroll' | MarkKind;

export interface Look extends PictureTurn {
  center: number;
  width: number;
  zoom: number;
  isInverted: boolean;
}

export interface PaneEvents {
  onShown: (imageId: string) => void;
  onLook: (look: Look) => void;
  onLost: () => void;
}

const ENGINE = 'dokuei';
const GROUP = 'dokuei-tools';
const { MouseBindings } = tools.Enums;
const { Events } = Enums;

let engine: RenderingEngine | null = null;
let chosen: MouseTool = 'window';
const open = new Map<string, StackPane>();

const LEFT: Record<Exclude<MouseTool, 'scroll'>, string> = {
  window: tools.WindowLevelTool.toolName,
  pan: tools.PanTool.toolName,
  zoom: tools.ZoomTool.toolName,
  ...MARK_TOOLS,
};

const MARK_NAMES: readonly string[] = Object.values(MARK_TOOLS);
const MARK_OPTIONS = {
  getTextLines: linesOf,
  getTextCallback: askForText,
  changeTextCallback: (_annotation: unknown, _event: unknown, done: (text: string) => void) =>
    askForText(done),
};

function toolGroup() {
  const existing = tools.ToolGroupManager.getToolGroup(GROUP);
  if (existing) return existing;
  const group = tools.ToolGroupManager.createToolGroup(GROUP);
  if (!group) throw new Error('The tool group could not be created.');
  for (const name of Object.values(LEFT)) {
    group.addTool(name, MARK_NAMES.includes(name) ? MARK_OPTIONS : {});
  }
  return group;
}

/** Left button: the chosen tool. Middle: pan. Right: zoom. The wheel is the pane's own. */
export function chooseTool(tool: MouseTool): void {
  chosen = tool;
  if (open.size === 0) return;
  cancelDrawing();
  const group = toolGroup();
  for (const name of Object.values(LEFT)) group.setToolPassive(name, { removeAllBindings: true });
  const left = tool === 'scroll' ? null : LEFT[tool];
  const bindings = new Map<string, number[]>([
    [LEFT.pan, [MouseBindings.Auxiliary]],
    [LEFT.zoom, [MouseBindings.Secondary]],
  ]);
  if (left) bindings.set(left, [...(bindings.get(left) ?? []), MouseBindings.Primary]);
  for (const [name, buttons] of bindings) {
    group.setToolActive(name, { bindings: buttons.map((mouseButton) => ({ mouseButton })) });
  }
}

/** In whole pixels the centre, whichever renderer: the processor's counts from the corner of the first pixel. */
function toPixel(imageId: string, world: Types.Point3): Point | null {
  for (const pane of open.values()) {
    const plane = pane.plane(imageId);
    if (!plane) continue;
    const corner = getShouldUseCPURendering() ? 0.5 : 0;
    const away = minus(world, plane.origin);
    const along = (axis: 0 | 1): number => {
      const way = plane.direction.slice(axis * 3, axis * 3 + 3) as unknown as Vector;
      return dot(away, way) / (plane.spacing[axis] ?? 1) - corner;
    };
    return [along(0), along(1)];
  }
  return null;
}

/** One picture area. It shows what it is told and reports what is really on screen. */
export class StackPane {
  readonly id: string;
  private readonly element: HTMLDivElement;
  private readonly events: PaneEvents;
  private readonly resizes: ResizeObserver;

  constructor(id: string, element: HTMLDivElement, events: PaneEvents) {
    this.id = id;
    this.element = element;
    this.events = events;
    engine ??= new RenderingEngine(ENGINE);
    engine.enableElement({
      viewportId: id,
      type: Enums.ViewportType.STACK,
      element,
      defaultOptions: { background: [0, 0, 0] },
    });
    hearMarks({
      toPixel,
      redraw: () => engine?.render(),
      elements: () => [...open.values()].map((pane) => pane.element),
    });
    toolGroup().addViewport(id, ENGINE);
    open.set(id, this);
    chooseTool(chosen);
    element.addEventListener(Events.STACK_NEW_IMAGE, this.whenNewImage);
    for (const name of [Events.VOI_MODIFIED, Events.CAMERA_MODIFIED])
      element.addEventListener(name, this.report);
    element.addEventListener(Events.WEBGL_CONTEXT_LOST, this.events.onLost);
    this.resizes = new ResizeObserver(() => engine?.resize(true, true));
    this.resizes.observe(element);
  }

  private get viewport(): Types.IStackViewport | null {
    return (engine?.getViewport(this.id) as Types.IStackViewport | undefined) ?? null;
  }

  /** Where the image lies in the engine's space; null when it is not the one shown here. */
  plane(
    imageId: string,
  ): { origin: Vector; spacing: readonly number[]; direction: readonly number[] } | null {
    const viewport = this.viewport;
    if (viewport?.getCornerstoneImage()?.imageId !== imageId) return null;
    const { origin, spacing, direction } = viewport.getImageData() ?? {};
    return origin && spacing && direction ? { origin, spacing, direction: [...direction] } : null;
  }

  /** Where the picture lies in the pane; null while nothing is shown. */
  place(): Place | null {
    const viewport = this.viewport;
    const data = viewport?.getImageData();
    if (!viewport || !data || !viewport.getCornerstoneImage()) return null;
    const [columns, rows] = data.dimensions;
    const half = getShouldUseCPURendering() ? 0 : 0.5;
    const at = (x: number, y: number): Point => {
      const world = data.origin.map(
        (from, axis) =>
          from +
          (x - half) * data.spacing[0] * (data.direction[axis] ?? 0) +
          (y - half) * data.spacing[1] * (data.direction[3 + axis] ?? 0),
      );
      const [left, top] = viewport.worldToCanvas(world as Types.Point3);
      return [left, top];
    };
    const corner = at(0, 0);
    const to = ([x, y]: Point): Point => [x - corner[0], y - corner[1]];
    return { corner, row: to(at(columns, 0)), column: to(at(0, rows)) };
  }

  private readonly whenNewImage = (event: Event): void => {
    const { imageId } = (event as CustomEvent<{ imageId: string }>).detail;
    this.events.onShown(imageId);
    queueMicrotask(this.report);
  };

  private readonly report = (): void => {
    const look = this.look();
    if (look) this.events.onLook(look);
  };

  async setStack(imageIds: string[], index: number): Promise<void> {
    await this.viewport?.setStack(imageIds, index);
    this.viewport?.render();
    this.report();
  }

  show(index: number): void {
    const viewport = this.viewport;
    if (!viewport) return;
    const wanted = viewport.getImageIds()[index];
    if (
      wanted !== undefined &&
      viewport.getCornerstoneImage()?.imageId === wanted &&
      viewport.getCurrentImageIdIndex() === index
    ) {
      this.events.onShown(wanted);
      return;
    }
    /* A line begun on one slice must not end on another. */
    cancelDrawing();
    viewport.setImageIdIndex(index).catch(() => undefined);
  }

  look(): Look | null {
    const viewport = this.viewport;
    if (!viewport || viewport.getImageIds().length === 0) return null;
    const { voiRange, invert } = viewport.getProperties();
    const camera = viewport.getCamera();
    const window = voiRange ? windowOf(voiRange.lower, voiRange.upper) : { center: 0, width: 0 };
    return {
      ...window,
      zoom: viewport.getZoom(),
      isInverted: invert === true,
      rotationDeg: viewport.getRotation?.() ?? 0,
      flipHorizontal: camera.flipHorizontal === true,
      flipVertical: camera.flipVertical === true,
    };
  }

  setWindow(center: number, width: number): void {
    this.viewport?.setProperties({ voiRange: rangeOf(center, width) });
    this.viewport?.render();
  }

  setFullRange(): void {
    const image = this.viewport?.getCornerstoneImage();
    if (!image) return;
    this.viewport?.setProperties({ voiRange: { lower: image.minPixelValue, upper: image.maxPixelValue } });
    this.viewport?.render();
  }

  invert(): void {
    const now = this.viewport?.getProperties().invert === true;
    this.viewport?.setProperties({ invert: !now });
    this.viewport?.render();
    this.report();
  }

  reset(): void {
    this.viewport?.resetCamera();
    this.viewport?.resetProperties();
    this.viewport?.render();
    this.report();
  }

  close(): void {
    this.resizes.disconnect();
    this.element.removeEventListener(Events.STACK_NEW_IMAGE, this.whenNewImage);
    for (const name of [Events.VOI_MODIFIED, Events.CAMERA_MODIFIED])
      this.element.removeEventListener(name, this.report);
    this.element.removeEventListener(Events.WEBGL_CONTEXT_LOST, this.events.onLost);
    tools.ToolGroupManager.getToolGroup(GROUP)?.removeViewports(ENGINE, this.id);
    engine?.disableElement(this.id);
    open.delete(this.id);
    if (open.size > 0) return;
    /* Panes of one layout go together: the next layout starts on a fresh engine, so none can inherit another's scale. */
    tools.ToolGroupManager.destroyToolGroup(GROUP);
    engine?.destroy();
    engine = null;
  }
}
