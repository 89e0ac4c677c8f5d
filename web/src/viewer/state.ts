import type { StudyImages } from '@/api/contract';
import { createStore, type Store } from '@/ui/store';
import type { MarkCounts } from './engine/marks';
import type { Look, MouseTool } from './engine/stage';
import type { DisplaySet } from './model/stacks';

export type Layout = '1x1' | '1x2' | '2x2';
export const PANES: Record<Layout, number> = { '1x1': 1, '1x2': 2, '2x2': 4 };

export interface SeriesView {
  uid: string;
  studyUid: string;
  number: number | null;
  modality: string;
  description: string;
  /** What the hub says it holds. */
  declared: { instances: number; frames: number };
  status: 'waiting' | 'ready' | 'failed';
  sets: DisplaySet[];
  /** Instances of the series that hold no picture. */
  withoutPicture: number;
  full: number;
  failed: number;
}

export interface StudyView {
  role: 'current' | 'prior';
  source: StudyImages;
  series: SeriesView[];
}

export interface PaneState {
  setId: string | null;
  requested: number;
  /** What is really on screen now; null while nothing honest can be shown. */
  shown: { imageId: string; index: number } | null;
  fault: string | null;
  look: Look | null;
  outsideMm: number | null;
  isEngineLost: boolean;
}

export interface ViewerState {
  studies: StudyView[];
  layout: Layout;
  panes: PaneState[];
  active: number;
  tool: MouseTool;
  /** `unkept` lie on images that are no stored frame. */
  marks: MarkCounts & { unkept: number };
  isLinked: boolean;
  rendering: 'gpu' | 'cpu' | null;
  engineFault: string | null;
}

export const emptyPane = (): PaneState => ({
  setId: null,
  requested: 0,
  shown: null,
  fault: null,
  look: null,
  outsideMm: null,
  isEngineLost: false,
});

export const newViewerStore = (): Store<ViewerState> =>
  createStore<ViewerState>({
    studies: [],
    layout: '1x1',
    panes: [emptyPane(), emptyPane(), emptyPane(), emptyPane()],
    active: 0,
    tool: 'window',
    marks: { count: 0, canUndo: false, canRedo: false, unkept: 0 },
    isLinked: true,
    rendering: null,
    engineFault: null,
  });

export const allSeries = (state: ViewerState): SeriesView[] => state.studies.flatMap((study) => study.series);

export function findSet(state: ViewerState, setId: string | null): DisplaySet | null {
  if (!setId) return null;
  for (const series of allSeries(state)) {
    const set = series.sets.find((one) => one.id === setId);
    if (set) return set;
  }
  return null;
}

export const setInPane = (state: ViewerState, pane: number): DisplaySet | null =>
  findSet(state, state.panes[pane]?.setId ?? null);

export const findSeries = (state: ViewerState, uid: string | undefined): SeriesView | null =>
  allSeries(state).find((series) => series.uid === uid) ?? null;

export const findStudy = (state: ViewerState, uid: string | undefined): StudyView | null =>
  state.studies.find((study) => study.source.study.study_instance_uid === uid) ?? null;
