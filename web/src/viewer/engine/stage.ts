import { Enums, RenderingEngine, type Types, utilities } from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';
import { lengthOnImage, lengthText } from '../model/measure';
import type { Frame } from '../model/metadata';
import type { PictureTurn } from '../model/orientation';
import { rangeOf, windowOf } from '../model/windows';

export type MouseTool = 'window' | 'pan' | 'zoom' | 'length' | 'scroll';

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

/** Which frame stands behind an image id; the length tool needs its spacing. */
let frameOf: (imageId: string) => Frame | undefined = () => undefined;
export function describeFramesWith(lookup: (imageId: string) => Frame | undefined): void {
  frameOf = lookup;
}

interface LengthData {
  handles: { points: Types.Point3[] };
}

function honestLength(data: LengthData, targetId: string): string[] {
  const imageId = targetId.replace(/^imageId:/, '');
  const [a, b] = data.handles.points.map((point) => utilities.worldToImageCoords(imageId, point));
  if (!a || !b) return [];
  return [lengthText(lengthOnImage([a[0], a[1]], [b[0], b[1]], frameOf(imageId)?.pixelSpacing ?? null))];
}

const LEFT: Record<Exclude<MouseTool, 'scroll'>, string> = {
  window: tools.WindowLevelTool.toolName,
  pan: tools.PanTool.toolName,
  zoom: tools.ZoomTool.toolName,
  length: tools.LengthTool.toolName,
};

function toolGroup() {
  const existing = tools.ToolGroupManager.getToolGroup(GROUP);
  if (existing) return existing;
  const group = tools.ToolGroupManager.createToolGroup(GROUP);
  if (!group) throw new Error('The tool group could not be created.');
  for (const name of Object.values(LEFT)) {
    group.addTool(name, name === LEFT.length ? { getTextLines: honestLength } : {});
  }
  return group;
}

/** Left button: the chosen tool. Middle: pan. Right: zoom. The wheel is the pane's own. */
export function chooseTool(tool: MouseTool): void {
  chosen = tool;
  if (open.size === 0) return;
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

export function clearMeasurements(): void {
  tools.annotation.state.removeAllAnnotations();
  engine?.render();
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
