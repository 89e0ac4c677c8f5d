/** One pane alone on the whole screen, and back to what hung before. */
import type { ViewerCase } from './case';
import { isMarkKind } from './model/marks';
import { isMpr } from './planes';
import { findSet, type Layout, setInPane } from './state';

interface Before {
  layout: Layout;
  index: number;
  panes: { setId: string | null; requested: number }[];
}

const before = new WeakMap<ViewerCase, Before>();

/** A double click ends or edits a mark while one measures, and presses what has a button of its own. */
export const mayBeAlone = (viewer: ViewerCase, target: EventTarget): boolean =>
  !isMarkKind(viewer.store.get().tool) && !(target instanceof Element && target.closest('button, .grip'));

export function toggleAlone(viewer: ViewerCase, index: number): void {
  const state = viewer.store.get();
  const was = before.get(viewer);
  before.delete(viewer);
  if (state.layout === '1x1') {
    if (was) putBack(viewer, was);
    return;
  }
  const set = setInPane(state, index);
  if (!set || isMpr(state.layout)) return;
  const panes = state.panes.map(({ setId, requested }) => ({ setId, requested }));
  before.set(viewer, { layout: state.layout, index, panes });
  const at = state.panes[index]?.requested ?? 0;
  viewer.changeLayout('1x1');
  viewer.showSet(0, set, at);
}

/** What was scrolled or changed meanwhile stays so. */
function putBack(viewer: ViewerCase, { layout, index, panes }: Before): void {
  const state = viewer.store.get();
  const alone = setInPane(state, 0);
  const at = state.panes[0]?.requested ?? 0;
  viewer.changeLayout(layout);
  panes.forEach(({ setId, requested }, pane) => {
    const set = pane === index && alone ? alone : findSet(viewer.store.get(), setId);
    if (set) viewer.showSet(pane, set, pane === index ? at : requested);
  });
  viewer.activate(index);
}
