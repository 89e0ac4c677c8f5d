import type { StudyImages } from '@/api/contract';
import { createStore, type Store } from '@/ui/store';
import type { MarkCounts } from './engine/marks';
import type { Look, MouseTool } from './engine/stage';
import type { FusionNow } from './fusion/fusion';
import type { SetFacts } from './hanging/facts';
import type { HangingNow } from './hanging/now';
import type { Way } from './model/cine';
import { type CutSet, isCutSet, type Orientation, type Turn } from './model/cuts';
import type { DocumentSource } from './model/documents';
import type { Slab } from './model/reformat';
import type { DisplaySet } from './model/stacks';
import type { Vector } from './model/vectors';

/** `mpr` is three planes and the stack they are cut from, `mpr3` one large plane and two beside it. */
export type Layout = '1x1' | '1x2' | '2x1' | '2x2' | '2x3' | 'mpr' | 'mpr3';
/** Rows by columns, and how many panes that is. */
export const PANES: Record<Layout, number> = {
  '1x1': 1,
  '1x2': 2,
  '2x1': 2,
  '2x2': 4,
  '2x3': 6,
  mpr: 4,
  mpr3: 3,
};
const MOST_PANES = Math.max(...Object.values(PANES));

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
  /** What the headers say of each stack, by its id. */
  facts: Readonly<Record<string, SetFacts>>;
  /** Instances of the series that hold no picture. */
  withoutPicture: number;
  documents: readonly DocumentSource[];
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
  /** The stack shown has the window and place it hangs with. */
  isSettled: boolean;
  isEngineLost: boolean;
  /** Which VOI LUT of the file the picture is shown through; null where a window is. */
  lut: number | null;
  film: FilmState | null;
  /** An instance without a picture (SOP Instance UID) that is read here instead of one. */
  documentUid: string | null;
}

export interface FilmState {
  isPlaying: boolean;
  speed: number;
  way: Way;
  /** Playing stands until frames that are not here have come. */
  isWaiting: boolean;
}

/** How planes are cut out of one stack. */
export interface Cutting {
  turn: Turn;
  slabs: Record<Orientation, Slab>;
  /** The reader has read what is unusual about the stack and wants planes all the same. */
  isAgreed: boolean;
}

export interface ViewerState {
  studies: StudyView[];
  layout: Layout;
  panes: PaneState[];
  active: number;
  tool: MouseTool;
  /** `unkept` lie on images nobody can name. */
  marks: MarkCounts & { unkept: number };
  /** Panes scroll together. */
  isLinked: boolean;
  /** What panes of like modality do together besides. */
  together: { window: boolean; zoom: boolean };
  /** The protocol that hangs; null where none fits and the program hangs what comes first. */
  hanging: HangingNow | null;
  rendering: 'gpu' | 'cpu' | null;
  engineFault: string | null;
  /** By the stack they are cut from. */
  cutting: Readonly<Record<string, Cutting>>;
  /** Cut stacks that hang somewhere. They belong to no series and count for nothing. */
  cuts: readonly CutSet[];
  /** What is laid over the pictures of a pane, by pane. It holds for one stack and the planes cut from it, also when that comes back. */
  fusions: Readonly<Record<number, FusionNow>>;
  /** A place in the patient pointed at in one pane and shown in the others. */
  cursor: { pane: number; point: Vector } | null;
  /** What lies over pictures. */
  layers: { overlay: boolean; shutter: boolean };
  isLoupe: boolean;
  guides: { crosshair: boolean; reference: boolean; cursor: boolean };
}

export const emptyPane = (): PaneState => ({
  setId: null,
  requested: 0,
  shown: null,
  fault: null,
  look: null,
  outsideMm: null,
  isSettled: false,
  isEngineLost: false,
  lut: null,
  film: null,
  documentUid: null,
});

export const emptyPanes = (): PaneState[] => Array.from({ length: MOST_PANES }, emptyPane);

export const newViewerStore = (): Store<ViewerState> =>
  createStore<ViewerState>({
    studies: [],
    layout: '1x1',
    panes: emptyPanes(),
    active: 0,
    tool: 'window',
    marks: { count: 0, canUndo: false, canRedo: false, unkept: 0 },
    isLinked: true,
    together: { window: false, zoom: false },
    hanging: null,
    rendering: null,
    engineFault: null,
    cutting: {},
    cuts: [],
    fusions: {},
    cursor: null,
    layers: { overlay: true, shutter: true },
    isLoupe: false,
    guides: { crosshair: true, reference: true, cursor: false },
  });

export const allSeries = (state: ViewerState): SeriesView[] => state.studies.flatMap((study) => study.series);

export function findSet(state: ViewerState, setId: string | null): DisplaySet | null {
  if (!setId) return null;
  for (const series of allSeries(state)) {
    const set = series.sets.find((one) => one.id === setId);
    if (set) return set;
  }
  return state.cuts.find((one) => one.id === setId) ?? null;
}

/** The stack of the study behind what hangs: itself, or what its planes are cut from. */
export function sourceOf(state: ViewerState, set: DisplaySet | null): DisplaySet | null {
  return isCutSet(set) ? findSet(state, set.cut.sourceId) : set;
}

export const setInPane = (state: ViewerState, pane: number): DisplaySet | null =>
  findSet(state, state.panes[pane]?.setId ?? null);

export const findSeries = (state: ViewerState, uid: string | undefined): SeriesView | null =>
  allSeries(state).find((series) => series.uid === uid) ?? null;

export const findStudy = (state: ViewerState, uid: string | undefined): StudyView | null =>
  state.studies.find((study) => study.source.study.study_instance_uid === uid) ?? null;
