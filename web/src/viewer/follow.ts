/** What of the viewer follows the reader to another machine: the tool in hand, the layout of a modality, what is linked. */
import type { HangingStage } from '@/api/contract';
import { settings } from '@/ui/settings';
import type { ViewerCase } from './case';
import type { MouseTool } from './engine/stage';
import { mainModality } from './hanging/candidates';
import { protocolAt } from './hanging/now';
import { isMarkKind } from './model/marks';
import { isMpr } from './planes';
import type { Layout } from './state';

const isTool = (name: string | null | undefined): name is MouseTool =>
  typeof name === 'string' &&
  (['window', 'scroll', 'pan', 'zoom'].includes(name) || isMarkKind(name as MouseTool));

/** As the reader left it, here or elsewhere. */
export function takeUp(viewer: ViewerCase): void {
  const { tool, links } = settings.store.get().document.viewer;
  if (isTool(tool) && tool !== viewer.store.get().tool) viewer.chooseTool(tool);
  viewer.store.set({ isLinked: links.slice, together: { window: links.window, zoom: links.zoom } });
}

const change = (part: Partial<ReturnType<typeof current>>): void =>
  settings.change((document) => ({ ...document, viewer: { ...document.viewer, ...part } }));
const current = () => settings.store.get().document.viewer;

export const rememberTool = (tool: MouseTool): void => change({ tool });

export function rememberLinks(viewer: ViewerCase): void {
  const { isLinked, together } = viewer.store.get();
  change({ links: { slice: isLinked, ...together } });
}

/** A layout chosen where a protocol hangs is for this case; where none does, it is how the reader likes this modality. */
export function rememberLayout(viewer: ViewerCase, layout: Layout): void {
  const { hanging, studies } = viewer.store.get();
  const modality = mainModality(studies);
  if (protocolAt(hanging) || isMpr(layout) || !/^[A-Z0-9]{1,16}$/.test(modality)) return;
  const kept = layout as HangingStage['layout'];
  settings.change((document) => ({
    ...document,
    viewer: { ...document.viewer, layouts: { ...document.viewer.layouts, [modality]: kept } },
  }));
}
