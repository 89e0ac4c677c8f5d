import type { Command } from '@/ui/commands';
import { tell } from '@/ui/feedback';
import type { Words } from '@/words';
import { toggleAlone } from './alone';
import type { ViewerCase } from './case';
import { rememberLinks } from './follow';
import { isForOtherScreens, scenesNow } from './hanging/now';
import { openSaving } from './hanging/savingStore';
import { bestMatch } from './model/hanging';
import { type Layout, setInPane, sourceOf } from './state';

const BESIDE: readonly Layout[] = ['1x2', '2x1', '2x2', '2x3'];

/** Opens the next earlier study in the second pane, at the stack most like what hangs in the first. */
function nextPrior(viewer: ViewerCase, words: Words): void {
  const state = viewer.store.get();
  const priors = state.studies.filter(
    (study) => study.role === 'prior' && study.series.some((one) => one.sets.length > 0),
  );
  const first = sourceOf(state, setInPane(state, 0));
  if (!first || priors.length === 0) {
    tell(words.hanging.noPrior);
    return;
  }
  const isBeside = BESIDE.includes(state.layout);
  const shown = isBeside ? setInPane(state, 1)?.studyUid : undefined;
  const at = priors.findIndex((study) => study.source.study.study_instance_uid === shown);
  const next = priors[(at + 1) % priors.length];
  const set = bestMatch(first, next?.series.flatMap((one) => one.sets) ?? []);
  if (!set) return;
  viewer.hanger.touch();
  if (!isBeside) viewer.changeLayout('1x2');
  viewer.showSet(1, set);
}

function linkCommands(viewer: ViewerCase, words: Words): Command[] {
  const h = words.hanging;
  const { isLinked, together } = viewer.store.get();
  const both = (act: () => void) => () => {
    act();
    rememberLinks(viewer);
  };
  return [
    {
      id: 'viewer.link',
      title: isLinked ? words.viewer.linkOff : words.viewer.linkOn,
      keys: ['l'],
      run: both(() => viewer.links.toggle()),
    },
    {
      id: 'viewer.link.window',
      title: together.window ? h.windowOff : h.windowOn,
      keys: ['shift+w'],
      run: both(() => viewer.together.toggle('window')),
    },
    {
      id: 'viewer.link.zoom',
      title: together.zoom ? h.zoomOff : h.zoomOn,
      keys: ['shift+z'],
      run: both(() => viewer.together.toggle('zoom')),
    },
    {
      id: 'viewer.link.align',
      title: h.align,
      keys: ['shift+l'],
      run: both(() => tell(viewer.links.align(viewer.store.get().active) ? h.aligned : h.notAligned)),
    },
    {
      id: 'viewer.link.unalign',
      title: h.unalign,
      run: () => viewer.links.unalign(viewer.store.get().active),
    },
  ];
}

/** What hangs where, what goes together, and what is put beside it. */
export function hangCommands(viewer: ViewerCase, words: Words): Command[] {
  const h = words.hanging;
  const mayStep = (): boolean => {
    const { hanging } = viewer.store.get();
    return scenesNow(hanging).length > 1 || isForOtherScreens(hanging);
  };
  return [
    ...linkCommands(viewer, words),
    {
      id: 'viewer.hang.next-stage',
      title: h.nextStage,
      keys: ['h'],
      when: mayStep,
      run: () => viewer.hanger.stepScene(1),
    },
    {
      id: 'viewer.hang.previous-stage',
      title: h.previousStage,
      when: mayStep,
      run: () => viewer.hanger.stepScene(-1),
    },
    {
      id: 'viewer.hang.next',
      title: h.nextProtocol,
      keys: ['shift+h'],
      run: () => viewer.hanger.stepProtocol(),
    },
    {
      id: 'viewer.hang.again',
      title: h.again,
      keys: ['shift+g'],
      when: () => viewer.store.get().hanging !== null,
      run: () => viewer.hanger.again(),
    },
    { id: 'viewer.hang.save', title: h.save, run: () => void openSaving(viewer, words) },
    { id: 'viewer.prior.next', title: h.nextPrior, keys: ['shift+p'], run: () => nextPrior(viewer, words) },
    {
      id: 'viewer.alone',
      title: h.alone,
      keys: ['shift+e'],
      run: () => toggleAlone(viewer, viewer.store.get().active),
    },
  ];
}
