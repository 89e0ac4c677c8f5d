import type { ViewerCase } from '@/viewer/case';
import { PANES, setInPane } from '@/viewer/state';

/** Which series hang in this window now. */
export function seriesShown(viewer: ViewerCase): string[] {
  const state = viewer.store.get();
  return Array.from(
    { length: PANES[state.layout] },
    (_, pane) => setInPane(state, pane)?.seriesUid ?? '',
  ).filter(Boolean);
}
