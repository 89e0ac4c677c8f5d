import { whenText } from '@/ui/time';
import type { Words } from '@/words';
import type { ViewerCase } from '../case';
import { isFilm } from '../film';
import { calibrationOf } from '../model/calibration';
import { isCutSet } from '../model/cuts';
import type { Frame } from '../model/metadata';
import { type EdgeLetters, edgeLetters } from '../model/orientation';
import type { DisplaySet } from '../model/stacks';
import {
  findSeries,
  findStudy,
  type PaneState,
  type SeriesView,
  type StudyView,
  type ViewerState,
} from '../state';
import { planeNotes, planeText } from './cutText';
import { lookLines, pictureWarnings } from './pictureText';

/** What is written over a picture. Everything but the count refers to the image on screen, never to the one still coming. */
export interface OverlayText {
  study: StudyView;
  series: SeriesView;
  set: DisplaySet;
  count: string;
  /** Side and view of a mammogram, as its header says. */
  view: string;
  /** What plane was cut and how thick; empty for what a modality sent. */
  plane: string;
  warnings: string[];
  geometry: string[];
  look: string[];
  letters: EdgeLetters | null;
  isWaiting: boolean;
}

const millimetres = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

function warningsOf(set: DisplaySet, frame: Frame | null, words: Words): string[] {
  const v = words.viewer;
  const isUneven =
    set.order === 'position' && set.frames.length > 2 && set.spacingMm === null && !set.isLocalizer;
  return [
    isFilm(set) ? '' : v.order[set.order],
    set.isTilted ? v.tilted : '',
    isUneven ? v.unevenSpacing : '',
    frame?.isLossy ? v.lossy : '',
    frame ? v.calibration[calibrationOf(frame).kind] : '',
    ...(frame ? pictureWarnings(frame, words) : []),
  ].filter(Boolean);
}

/** Nothing is on its way while the reader has yet to say whether they want it. */
const isAsking = (viewer: ViewerCase, set: DisplaySet): boolean =>
  isCutSet(set) && viewer.planes.supply.needsAgreement(set.cut.sourceId);

function viewText(series: SeriesView, set: DisplaySet): string {
  const facts = series.facts[set.id];
  return facts?.modality === 'MG' ? [facts.laterality, facts.view].filter(Boolean).join(' ') : '';
}

export function overlayOf(
  viewer: ViewerCase,
  state: ViewerState,
  pane: PaneState,
  set: DisplaySet,
  words: Words,
): OverlayText | null {
  const series = findSeries(state, set.seriesUid);
  const study = findStudy(state, set.studyUid);
  if (!series || !study) return null;
  const frame = viewer.frame(pane.shown?.imageId);
  const position = pane.shown ? set.positionsMm[pane.shown.index] : undefined;
  return {
    study,
    series,
    set,
    count: `${pane.requested + 1} / ${set.frames.length}`,
    view: viewText(series, set),
    plane: planeText(set, words),
    warnings: [...planeNotes(state, set, words), ...warningsOf(set, frame, words)],
    geometry: frame
      ? [
          position === undefined ? '' : words.viewer.position(position.toFixed(1)),
          frame.thicknessMm === null ? '' : words.viewer.thickness(millimetres(frame.thicknessMm)),
        ].filter(Boolean)
      : [],
    look: frame ? lookLines(state, pane, frame, words) : [],
    letters: frame && pane.look ? edgeLetters(frame.row, frame.column, pane.look) : null,
    isWaiting: pane.fault === null && pane.shown?.index !== pane.requested && !isAsking(viewer, set),
  };
}

export const studyDate = (study: StudyView, now: Date, words: Words): string =>
  study.source.study.study_at ? whenText(study.source.study.study_at, now, words.time) : words.common.unknown;
