import { Enums, RenderingEngine, type Types } from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';
import type { Point } from '../model/calibration';
import type { MarkKind } from '../model/marks';
import type { PictureTurn } from '../model/orientation';
import type { Place as Laid } from '../model/place';
import { along, minus } from '../model/vectors';
import { rangeOf, windowOf } from '../model/windows';
import { type LayerName, layerIn, removeLayers } from './layers';
import { askForText, cancelDrawing, hearMarks, linesOf, placeMarks } from './marks';
import { type Plane, pixelOn, worldOn } from './planes';
import { voiFunctionOf } from './truth';
import { type Extent, type PictureView, sayDrawnWindow, showView, viewOf } from './view';
import { MARK_TOOLS, type Place } from './written';

/** `scroll` and `region` are the pane's own. */
export type MouseTool = 'window' | 'pan' | 'zoom' | 'scroll' | 'region' | MarkKind;

export interface Look extends PictureTurn {
  center: number;
  width: number;
  zoom: number;
  /** Low values are white, whatever the image itself asks for. */
  isInverted: boolean;
}

export interface PaneEvents {
  onShown: (imageId: string) => void;
  /** `isHeld` while a button is down on the picture: then a reader changes it by hand. */
  onLook: (look: Look, isHeld: boolean) => void;
  onLost: () => void;
}

const ENGINE = 'dokuei';
const GROUP = 'dokuei-tools';
const { MouseBindings } = tools.Enums;
const { Events } = Enums;

let engine: RenderingEngine | null = null;
let chosen: MouseTool = 'window';
const open = new Map<string, StackPane>();

const LEFT: Record<Exclude<MouseTool, 'scroll' | 'region'>, string> = {
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
  const left = tool === 'scroll' || tool === 'region' ? null : LEFT[tool];
  const bindings = new Map<string, number[]>([
    [LEFT.pan, [MouseBindings.Auxiliary]],
    [LEFT.zoom, [MouseBindings.Secondary]],
  ]);
  if (left) bindings.set(left, [...(bindings.get(left) ?? []), MouseBindings.Primary]);
  for (const [name, buttons] of bindings) {
    group.setToolActive(name, { bindings: buttons.map((mouseButton) => ({ mouseButton })) });
  }
}

function paneOf(imageId: string): { pane: StackPane; plane: Plane } | null {
  for (const pane of open.values()) {
    const plane = pane.plane(imageId);
    if (plane) return { pane, plane };
  }
  return null;
}

function toPixel(imageId: string, world: Types.Point3): Point | null {
  const found = paneOf(imageId);
  return found && pixelOn(found.plane, world);
}

function placeOf(imageId: string): Place | null {
  const found = paneOf(imageId);
  return found && { toWorld: (point) => worldOn(found.plane, point), reference: found.pane.reference() };
}

/** Where a pixel is drawn in its area, and how large. */
export interface Lie {
  at: Point;
  perPixel: number;
}

/** One picture area. It shows what it is told and reports what is really on screen. */
export class StackPane {
  /** Of no pane in particular: what was made inside one would keep it, and all it showed, after it is gone. */
  private static readonly all = {
    toPixel,
    placeOf,
    redraw: () => engine?.render(),
    elements: () => [...open.values()].map((pane) => pane.element),
  };
  readonly id: string;
  private readonly element: HTMLDivElement;
  private readonly events: PaneEvents;
  private readonly resizes: ResizeObserver;
  private isHeld = false;
  /** Asking the page for it would lay the page out anew for every slice. */
  private extent: Extent;

  constructor(id: string, element: HTMLDivElement, events: PaneEvents) {
    this.id = id;
    this.element = element;
    this.events = events;
    this.extent = { width: element.clientWidth, height: element.clientHeight };
    engine ??= new RenderingEngine(ENGINE);
    engine.enableElement({
      viewportId: id,
      type: Enums.ViewportType.STACK,
      element,
      defaultOptions: { background: [0, 0, 0] },
    });
    hearMarks(StackPane.all);
    toolGroup().addViewport(id, ENGINE);
    open.set(id, this);
    chooseTool(chosen);
    element.addEventListener(Events.STACK_NEW_IMAGE, this.whenNewImage);
    for (const name of [Events.VOI_MODIFIED, Events.CAMERA_MODIFIED])
      element.addEventListener(name, this.report);
    element.addEventListener(Events.WEBGL_CONTEXT_LOST, this.events.onLost);
    element.addEventListener('pointerdown', this.whenHeld, true);
    window.addEventListener('pointerup', this.whenLetGo, true);
    this.resizes = new ResizeObserver(() => {
      this.extent = { width: element.clientWidth, height: element.clientHeight };
      engine?.resize(true, true);
      this.report();
    });
    this.resizes.observe(element);
  }

  private readonly whenHeld = (): void => {
    this.isHeld = true;
  };

  private readonly whenLetGo = (): void => {
    this.isHeld = false;
  };

  ownLayer(name: LayerName = 'picture'): HTMLCanvasElement | null {
    return layerIn(this.element, name);
  }

  get size(): Extent {
    return this.extent;
  }

  /** A place on the page, from the top left of the area. */
  fromPage(x: number, y: number): Point {
    const { left, top } = this.element.getBoundingClientRect();
    return [x - left, y - top];
  }

  private get viewport(): Types.IStackViewport | null {
    return (engine?.getViewport(this.id) as Types.IStackViewport | undefined) ?? null;
  }

  /** Where the image lies in the engine's space; null when it is not the one shown here. */
  plane(imageId: string): Plane | null {
    const viewport = this.viewport;
    if (viewport?.getCornerstoneImage()?.imageId !== imageId) return null;
    const { origin, spacing, direction } = viewport.getImageData() ?? {};
    return origin && spacing && direction ? { origin, spacing, direction: [...direction] } : null;
  }

  /** Where the picture lies in the pane; null while nothing is shown. */
  place(): Laid | null {
    const [columns, rows] = this.viewport?.getImageData()?.dimensions ?? [0, 0];
    const [corner, right, down] = [
      this.toCanvas([-0.5, -0.5]),
      this.toCanvas([columns - 0.5, -0.5]),
      this.toCanvas([-0.5, rows - 0.5]),
    ];
    if (!corner || !right || !down) return null;
    const from = ([x, y]: Point): Point => [x - corner[0], y - corner[1]];
    return { corner, row: from(right), column: from(down) };
  }

  private get shownPlane(): Plane | null {
    const imageId = this.viewport?.getCornerstoneImage()?.imageId;
    return imageId ? this.plane(imageId) : null;
  }

  /** Where a pixel of the image shown is drawn, from the top left of the area. */
  toCanvas([x, y]: Point): Point | null {
    const plane = this.shownPlane;
    if (!plane) return null;
    const [across, down] = this.viewport?.worldToCanvas([...worldOn(plane, [x, y])]) ?? [
      Number.NaN,
      Number.NaN,
    ];
    return Number.isFinite(across) && Number.isFinite(down) ? [across, down] : null;
  }

  toPixel(canvas: Point): Point | null {
    const plane = this.shownPlane;
    const world = plane && this.viewport?.canvasToWorld([...canvas]);
    return plane && world ? pixelOn(plane, world) : null;
  }

  lieOf(pixel: Point): Lie | null {
    const [at, beside] = [this.toCanvas(pixel), this.toCanvas([pixel[0] + 1, pixel[1]])];
    return at && beside ? { at, perPixel: Math.hypot(beside[0] - at[0], beside[1] - at[1]) } : null;
  }

  /** Draws the pixel at this place in this size: a plane that is cut anew stays where the reader had it. */
  lay(pixel: Point, { at, perPixel }: Lie): void {
    const [viewport, now] = [this.viewport, this.lieOf(pixel)];
    if (!viewport || !now || !(now.perPixel > 0)) return;
    viewport.setZoom((viewport.getZoom() * perPixel) / now.perPixel);
    const moved = this.toCanvas(pixel);
    const { focalPoint, position } = viewport.getCamera();
    if (moved && focalPoint && position) {
      /* `setPan` takes points of space on the processor's path, so the camera is moved, as panning by hand does. */
      const [wanted, here] = [viewport.canvasToWorld([...at]), viewport.canvasToWorld([...moved])];
      const shift = minus(here, wanted);
      viewport.setCamera({
        focalPoint: [...along(focalPoint, shift, 1)],
        position: [...along(position, shift, 1)],
      });
    }
    viewport.render();
    this.report();
  }

  /** How the engine refers to the image shown. */
  reference(): object {
    return this.viewport?.getViewReference() ?? {};
  }

  /** Which part of the image is on screen, and which way round; null when that cannot be said in whole quarters. */
  view(): PictureView | null {
    const viewport = this.viewport;
    const plane = viewport && this.plane(viewport.getCornerstoneImage()?.imageId ?? '');
    return viewport && plane ? viewOf(viewport, this.extent, plane) : null;
  }

  /** Shows a part of the image, that way round. */
  showView(wanted: PictureView): void {
    const viewport = this.viewport;
    const plane = viewport && this.plane(viewport.getCornerstoneImage()?.imageId ?? '');
    if (!viewport || !plane) return;
    showView(viewport, this.extent, plane, wanted);
    viewport.render();
    this.report();
  }

  private readonly whenNewImage = (event: Event): void => {
    const { imageId } = (event as CustomEvent<{ imageId: string }>).detail;
    this.events.onShown(imageId);
    queueMicrotask(() => {
      if (this.viewport) sayDrawnWindow(this.viewport);
      placeMarks();
      this.report();
    });
  };

  private readonly report = (): void => {
    const look = this.look();
    if (look) this.events.onLook(look, this.isHeld);
  };

  async setStack(imageIds: string[], index: number): Promise<void> {
    await this.viewport?.setStack(imageIds, index);
    this.sayInversion();
    this.viewport?.render();
    this.report();
  }

  /** The processor's path draws MONOCHROME1 inverted without saying so, and forgets it on reset: it is told. */
  private sayInversion(): void {
    const invert = this.viewport?.getCornerstoneImage()?.invert === true;
    this.viewport?.setProperties({ invert });
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
    const view = this.view();
    const window = voiRange
      ? windowOf(voiRange.lower, voiRange.upper, this.voiFunction)
      : { center: 0, width: 0 };
    return {
      ...window,
      zoom: viewport.getZoom(),
      isInverted: invert === true,
      rotationDeg: view?.rotationDeg ?? viewport.getRotation?.() ?? 0,
      flipHorizontal: view?.isMirrored ?? false,
      flipVertical: false,
    };
  }

  setWindow(center: number, width: number): void {
    this.viewport?.setProperties({ voiRange: rangeOf(center, width, this.voiFunction) });
    this.viewport?.render();
  }

  setInverted(isInverted: boolean): void {
    this.viewport?.setProperties({ invert: isInverted });
    this.viewport?.render();
    this.report();
  }

  private get voiFunction() {
    return voiFunctionOf(this.viewport?.getCornerstoneImage()?.imageId);
  }

  setFullRange(): void {
    const image = this.viewport?.getCornerstoneImage();
    if (!image) return;
    const value = (stored: number): number =>
      image.preScale?.scaled ? stored : stored * (image.slope ?? 1) + (image.intercept ?? 0);
    this.viewport?.setProperties({
      voiRange: { lower: value(image.minPixelValue), upper: value(image.maxPixelValue) },
    });
    this.viewport?.render();
  }

  invert(): void {
    this.setInverted(this.viewport?.getProperties().invert !== true);
  }

  reset(): void {
    this.viewport?.resetCamera();
    this.viewport?.resetProperties();
    this.sayInversion();
    this.viewport?.render();
    this.report();
  }

  close(): void {
    this.resizes.disconnect();
    this.element.removeEventListener('pointerdown', this.whenHeld, true);
    window.removeEventListener('pointerup', this.whenLetGo, true);
    removeLayers(this.element);
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
