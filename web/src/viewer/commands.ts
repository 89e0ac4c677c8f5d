import { type Command, isTypingPlace } from '@/ui/commands';
import type { Words } from '@/words';
import type { ViewerCase } from './case';
import {
  cancelDrawing,
  isDrawing,
  redoMark,
  removeAllMarks,
  removeSelectedMarks,
  undoMark,
} from './engine/door';
import type { MouseTool } from './engine/stage';
import { fusionCommands } from './fusion/commands';
import { hangCommands } from './hangCommands';
import { mirroredAcross, mirroredDown, type Turn, turnedLeft, turnedRight } from './model/turn';
import { presetsFor } from './model/windows';
import { pictureCommands } from './pictureCommands';
import { choosePreset } from './pictures';
import { planeCommands } from './planeCommands';
import { allSeries, type Layout, PANES, setInPane, sourceOf } from './state';

const PAGE = 10;

function presetCommands(viewer: ViewerCase, words: Words): Command[] {
  const state = viewer.store.get();
  const set = setInPane(state, state.active);
  return presetsFor(set?.frames[0]).map((preset, i) => {
    const name = 'key' in preset.name ? words.viewer.preset[preset.name.key] : preset.name.text;
    return {
      id: `viewer.preset.${i + 1}`,
      title: words.viewer.choosePreset(name),
      keys: [String(i + 1)],
      run: () => choosePreset(viewer, viewer.store.get().active, preset),
    };
  });
}

function stepSeries(viewer: ViewerCase, step: number): void {
  const state = viewer.store.get();
  const now = sourceOf(state, setInPane(state, state.active));
  const sets = allSeries(state)
    .filter((series) => !now || series.studyUid === now.studyUid)
    .sort((a, b) => (a.number ?? 1e9) - (b.number ?? 1e9))
    .flatMap((series) => series.sets);
  const next = sets[sets.findIndex((set) => set.id === now?.id) + step];
  if (next) viewer.showSet(state.active, next);
}

function scrollCommands(viewer: ViewerCase, words: Words): Command[] {
  const v = words.viewer;
  const by = (step: number) => () => viewer.scrollBy(viewer.store.get().active, step);
  const to = (place: number) => () => viewer.scrollTo(viewer.store.get().active, place);
  return [
    { id: 'viewer.down', title: v.down, keys: ['ArrowDown'], run: by(1) },
    { id: 'viewer.up', title: v.up, keys: ['ArrowUp'], run: by(-1) },
    { id: 'viewer.page-down', title: v.pageDown, keys: ['PageDown'], run: by(PAGE) },
    { id: 'viewer.page-up', title: v.pageUp, keys: ['PageUp'], run: by(-PAGE) },
    { id: 'viewer.first', title: v.first, keys: ['Home'], run: to(0) },
    { id: 'viewer.last', title: v.last, keys: ['End'], run: to(Number.MAX_SAFE_INTEGER) },
  ];
}

function toolCommands(viewer: ViewerCase, words: Words): Command[] {
  const keys: Record<Exclude<MouseTool, 'region'>, string> = {
    window: 'w',
    scroll: 's',
    pan: 'g',
    zoom: 'z',
    length: 'm',
    bidirectional: 'b',
    angle: 'a',
    cobb: 'c',
    ellipse: 'e',
    rectangle: 't',
    freehand: 'f',
    probe: 'v',
    arrow: 'n',
  };
  return (Object.keys(keys) as Exclude<MouseTool, 'region'>[]).map((tool) => ({
    id: `viewer.tool.${tool}`,
    title: words.viewer.tools[tool],
    keys: [keys[tool]],
    run: () => viewer.chooseTool(tool),
  }));
}

/** Undoing belongs to the text while somebody writes one. */
const isNotWriting = (): boolean => !isTypingPlace(document.activeElement);

function markCommands(words: Words): Command[] {
  const m = words.viewer.marks;
  return [
    { id: 'viewer.undo', title: m.undo, keys: ['mod+z'], when: isNotWriting, run: undoMark },
    { id: 'viewer.redo', title: m.redo, keys: ['mod+shift+z'], when: isNotWriting, run: redoMark },
    { id: 'viewer.delete-mark', title: m.deleteSelected, keys: ['Delete'], run: removeSelectedMarks },
    { id: 'viewer.clear', title: m.deleteAll, keys: ['shift+Delete'], run: removeAllMarks },
    { id: 'viewer.cancel-mark', title: m.cancel, keys: ['Escape'], when: isDrawing, run: cancelDrawing },
  ];
}

function layoutCommands(viewer: ViewerCase, words: Words): Command[] {
  const keys: Record<Layout, string> = {
    '1x1': 'shift+F1',
    '1x2': 'shift+F2',
    '2x1': 'shift+F7',
    '2x2': 'shift+F4',
    '2x3': 'shift+F8',
    mpr: 'shift+F3',
    mpr3: 'shift+F6',
  };
  return (Object.keys(keys) as Layout[]).map((layout) => ({
    id: `viewer.layout.${layout}`,
    title: words.viewer.layout[layout],
    keys: [keys[layout]],
    run: () => viewer.setLayout(layout),
  }));
}

function turnCommands(viewer: ViewerCase, words: Words): Command[] {
  const v = words.viewer;
  const turn = (how: (now: Turn) => Turn) => (): void => {
    const pane = viewer.view(viewer.store.get().active);
    const view = pane?.view();
    if (pane && view) pane.showView({ ...how(view), area: view.area });
  };
  return [
    { id: 'viewer.turn.right', title: v.turn.right, keys: [']'], run: turn(turnedRight) },
    { id: 'viewer.turn.left', title: v.turn.left, keys: ['['], run: turn(turnedLeft) },
    { id: 'viewer.turn.across', title: v.turn.across, keys: [';'], run: turn(mirroredAcross) },
    { id: 'viewer.turn.down', title: v.turn.down, keys: [':'], run: turn(mirroredDown) },
  ];
}

const isOnPictures = (): boolean =>
  document.activeElement === document.body || document.activeElement?.closest('.pane') !== null;

/** What one can do with pictures. Always about the active pane. */
export function viewerCommands(viewer: ViewerCase, words: Words): Command[] {
  const v = words.viewer;
  const active = () => viewer.view(viewer.store.get().active);
  return [
    ...pictureCommands(viewer, words),
    ...planeCommands(viewer, words),
    ...fusionCommands(viewer, words),
    ...scrollCommands(viewer, words),
    {
      id: 'viewer.next-pane',
      title: v.nextPane,
      keys: ['Tab'],
      when: () => PANES[viewer.store.get().layout] > 1 && isOnPictures(),
      run: () => viewer.activate((viewer.store.get().active + 1) % PANES[viewer.store.get().layout]),
    },
    { id: 'viewer.next-series', title: v.nextSeries, keys: ['ArrowRight'], run: () => stepSeries(viewer, 1) },
    {
      id: 'viewer.previous-series',
      title: v.previousSeries,
      keys: ['ArrowLeft'],
      run: () => stepSeries(viewer, -1),
    },
    ...presetCommands(viewer, words),
    ...toolCommands(viewer, words),
    { id: 'viewer.invert', title: v.invert, keys: ['i'], run: () => active()?.invert() },
    { id: 'viewer.reset', title: v.reset, keys: ['0'], run: () => active()?.reset() },
    ...turnCommands(viewer, words),
    ...markCommands(words),
    ...hangCommands(viewer, words),
    ...layoutCommands(viewer, words),
  ];
}
