import * as core from '@cornerstonejs/core';
import { init as initCore } from '@cornerstonejs/core';
import dicomImageLoader from '@cornerstonejs/dicom-image-loader';
import * as tools from '@cornerstonejs/tools';

import { offerCuts } from './cuts';
import { FrameError } from './fault';
import { registerFrameLoader } from './frames';
import { wakeDecoder } from './htj2k';
import { MARK_TOOL_CLASSES } from './marks';
import { correctDescriptions } from './truth';

export interface EngineInfo {
  rendering: 'gpu' | 'cpu';
  /** Name of the graphics adapter as the browser gives it; empty when there is none. */
  adapter: string;
}

const CACHE_BYTES = 2_000_000_000;

/** WebGL2 drawn by the processor is slower than drawing on the processor directly; without WebGL2 there is no choice. */
export function inspectGraphics(canvas: HTMLCanvasElement): EngineInfo {
  const gl = canvas.getContext('webgl2');
  if (!gl) return { rendering: 'cpu', adapter: '' };
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const adapter = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { rendering: /swiftshader|llvmpipe|software/i.test(adapter) ? 'cpu' : 'gpu', adapter };
}

/** The cache repeats each failure where nobody can catch it; the first report is shown in the picture's place, or was our own wish. */
function silenceSecondReport(event: PromiseRejectionEvent): void {
  const { reason } = event;
  const isGivenUp = reason instanceof DOMException && reason.name === 'AbortError';
  if (isGivenUp || reason instanceof FrameError) event.preventDefault();
}

async function start(): Promise<EngineInfo> {
  wakeDecoder();
  const info = inspectGraphics(document.createElement('canvas'));
  window.addEventListener('unhandledrejection', silenceSecondReport);
  await initCore({ debug: {}, rendering: { useCPURendering: info.rendering === 'cpu' } });
  const workers = Math.min(4, Math.max(1, (navigator.hardwareConcurrency || 2) - 1));
  dicomImageLoader.init({ maxWebWorkers: workers });
  registerFrameLoader();
  offerCuts();
  correctDescriptions();
  await tools.init();
  for (const tool of [tools.WindowLevelTool, tools.PanTool, tools.ZoomTool, ...MARK_TOOL_CLASSES])
    tools.addTool(tool);
  core.cache.setMaxCacheSize(CACHE_BYTES);
  return info;
}

let started: Promise<EngineInfo> | null = null;

/** Once per page: starting the loader a second time would empty its caches under the reader's eyes. */
export function startEngine(): Promise<EngineInfo> {
  started ??= start();
  return started;
}
