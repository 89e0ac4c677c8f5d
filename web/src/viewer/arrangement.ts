/** What hangs in one window now, as plain values that another window of the case can make a protocol of. */
import type { HangingPane, HangingProtocol, HangingReformat, HangingScreen } from '@/api/contract';
import type { ViewerCase } from './case';
import { fusionIn } from './fusion/fusion';
import { occasionOf } from './hanging/candidates';
import { protocolOf } from './hanging/saving';
import { isCutSet, isUpright } from './model/cuts';
import { presetOf } from './model/windows';
import { isMpr } from './planes';
import { findSeries, findSet, findStudy, PANES, setInPane, sourceOf } from './state';

export interface HungPane {
  /** The stack, or the one the plane is cut from; null for an empty pane. */
  set: string | null;
  preset: NonNullable<HangingPane['preset']> | null;
  isFused: boolean;
  reformat: HangingReformat | null;
}

export interface Arrangement {
  layout: HangingScreen['layout'];
  panes: readonly HungPane[];
}

/** The windows of a case in the order of their screens; null when one of them cannot be saved, its name when one does not answer. */
export type Gather = () => Promise<readonly Arrangement[] | { silent: string } | null>;

function reformatIn(viewer: ViewerCase, pane: number): HangingReformat | null | 'turned' {
  const set = setInPane(viewer.store.get(), pane);
  if (!isCutSet(set)) return null;
  const { orientation, slab, sourceId } = set.cut;
  if (!isUpright(viewer.planes.cuttingOf(sourceId).turn)) return 'turned';
  return { plane: orientation, mode: slab.mode, slab_mm: slab.mm };
}

/** Null while planes are turned or hang in a layout of their own: they are made by hand for this patient. */
export function arrangementOf(viewer: ViewerCase): Arrangement | null {
  const state = viewer.store.get();
  const { layout } = state;
  if (isMpr(layout)) return null;
  const panes: HungPane[] = [];
  for (let pane = 0; pane < PANES[layout]; pane += 1) {
    const reformat = reformatIn(viewer, pane);
    if (reformat === 'turned') return null;
    const set = sourceOf(state, setInPane(state, pane));
    panes.push({
      set: set?.id ?? null,
      preset: presetOf(state.panes[pane]?.look ?? null, set?.frames[0]),
      isFused: fusionIn(state, pane) !== null,
      reformat,
    });
  }
  return { layout: layout as Arrangement['layout'], panes };
}

/** The arrangements of all screens as a protocol to be named. */
export function presentProtocol(
  viewer: ViewerCase,
  name: string,
  screens: readonly Arrangement[],
): HangingProtocol | null {
  const state = viewer.store.get();
  const about = occasionOf(state.studies, screens.length);
  if (!about || screens.length === 0) return null;
  const hung = screens.map(({ layout, panes }) => ({
    layout,
    panes: panes.map(({ set: id, preset, isFused, reformat }) => {
      const set = findSet(state, id);
      const series = findSeries(state, set?.seriesUid);
      return {
        role: findStudy(state, set?.studyUid)?.role ?? 'current',
        facts: (set && series?.facts[set.id]) ?? null,
        description: series?.description ?? '',
        preset,
        isFused,
        reformat,
      };
    }),
  }));
  return protocolOf(name, hung, about);
}
