/** Protocols written short: what is not said is left open. */
import type {
  HangingPane,
  HangingProtocol,
  HangingScreen,
  HangingStage,
  HangingWhen,
  SeriesSelector,
} from '@/api/contract';

export const selector = (said: Partial<SeriesSelector> = {}): SeriesSelector => ({
  words: [],
  without: [],
  ...said,
});

export const pane = (
  selectors: readonly Partial<SeriesSelector>[],
  said: Partial<HangingPane> = {},
): HangingPane => ({
  role: 'current',
  ...said,
  fusion: said.fusion ?? false,
  selectors: selectors.map(selector),
});

export const prior = (
  selectors: readonly Partial<SeriesSelector>[] = [],
  said: Partial<HangingPane> = {},
): HangingPane => pane(selectors, { ...said, role: 'prior' });

export const screen = (layout: HangingScreen['layout'], panes: HangingPane[]): HangingScreen => ({
  layout,
  panes,
});

export const stage = (layout: HangingStage['layout'], panes: HangingPane[], name = ''): HangingStage => ({
  name,
  layout,
  panes,
  further: [],
});

/** One arrangement over several screens. */
export const screens = (name: string, first: HangingScreen, ...further: HangingScreen[]): HangingStage => ({
  name,
  ...first,
  further,
});

export const when = (said: Partial<HangingWhen>): HangingWhen => ({
  modalities: [],
  words: [],
  without: [],
  prior: 'any',
  screens_least: 1,
  ...said,
});

export const protocol = (name: string, applies: HangingWhen, stages: HangingStage[]): HangingProtocol => ({
  version: 1,
  name,
  when: applies,
  stages,
});
