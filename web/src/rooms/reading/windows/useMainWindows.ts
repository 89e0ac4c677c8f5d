import { useEffect, useRef } from 'react';
import type { ReadingDetail } from '@/api/contract';
import type { Command } from '@/ui/commands';
import { saveBeforeCurtain } from '@/ui/curtain';
import { tell } from '@/ui/feedback';
import type { ViewerCase } from '@/viewer/case';
import { fidelityOf } from '@/viewer/fidelity';
import { allSeries } from '@/viewer/state';
import { useWords, type Words } from '@/words';
import type { MarksKeeper } from '../keeping';
import type { Elsewhere, useFigureWork } from '../useFigureWork';
import type { Lease } from '../useLease';
import type { Drafting } from '../useReport';
import { tellNext } from './follow';
import { whereTo } from './jumps';
import { areWindowsPossible, type CaseLink, PAGE } from './link';
import { newTo } from './marksShared';
import { askForScreens, knowScreens, openWindow, rememberPlace, toFront } from './opening';
import { isImages, type Role } from './protocol';
import { seriesShown } from './seriesShown';
import { useCaseLink, useIdentity, useTogether } from './useCaseLink';
import { useLending } from './useLending';
import { useScreens } from './useScreens';

type Work = ReturnType<typeof useFigureWork>;

const seriesWith = (viewer: ViewerCase, sopInstanceUid: string): string | null =>
  allSeries(viewer.store.get()).find(({ sets }) =>
    sets.some(({ frames }) => frames.some((frame) => frame.sopInstanceUid === sopInstanceUid)),
  )?.uid ?? null;

/** The main window keeps the marks of all: it takes in what the others draw, and tells them what there is. */
function keepMarks(link: CaseLink, viewer: ViewerCase, keeper: MarksKeeper): () => void {
  let isAmending = false;
  const tellMarks = (): void => {
    const { state } = keeper.store.get();
    if (isAmending || state === 'loading' || state === 'load_failed') return;
    if (!link.store.get().peers.some(({ role }) => isImages(role))) return;
    link.say({ kind: 'marks', marks: viewer.marking.kept(), isSaved: state === 'saved' });
  };
  const stops = [
    link.on('marks-ask', tellMarks),
    link.on('marks-change', (change) => {
      /* What stands here already is told twice when two words cross; it is no change. */
      const { put, gone } = newTo(viewer.marking.kept(), change);
      isAmending = true;
      if (put.length + gone.length > 0) viewer.marking.amend(put, gone);
      isAmending = false;
      tellMarks();
    }),
    keeper.store.subscribe(tellMarks),
    viewer.marking.onChange(tellMarks),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** A figure clicked in the report window is shown by the window that has its series; the main one knows which that is. */
function passJumps(link: CaseLink, viewer: ViewerCase, work: () => Work): () => void {
  const shows = new Map<Role, readonly string[]>();
  const stops = [
    link.on('shows', ({ series }, { role }) => shows.set(role, series)),
    link.on('jump', ({ recipe }) => {
      shows.set('main', seriesShown(viewer));
      const { peers } = link.store.get();
      const to = whereTo(
        recipe.plane?.series_instance_uid ?? seriesWith(viewer, recipe.sop_instance_uid ?? ''),
        shows,
        peers.map(({ role }) => role),
      );
      const peer = peers.find(({ role }) => role === to);
      if (peer) link.say({ kind: 'jump', to: peer.session, recipe });
      else void work().jump({ recipe });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function useKeeping(link: CaseLink | null, viewer: ViewerCase | null, work: Work, drafting: Drafting) {
  const latest = useRef({ work, drafting });
  latest.current = { work, drafting };
  const { keeper } = work;
  useEffect(
    () => (link && viewer && keeper ? keepMarks(link, viewer, keeper) : undefined),
    [link, viewer, keeper],
  );
  useEffect(
    () => (link && viewer ? passJumps(link, viewer, () => latest.current.work) : undefined),
    [link, viewer],
  );
  useEffect(() => {
    if (!link) return;
    const now = () => latest.current;
    const current = () => viewer?.store.get().studies.find(({ role }) => role === 'current');
    const stops = [
      link.on('figure', ({ recipe }) => now().work.desk.add(recipe)),
      link.on('figures', ({ revision }) => {
        if (revision > now().work.desk.revision) now().work.desk.refresh();
      }),
      link.on('insert', ({ text, link: mark }) => {
        const { autosave } = now().drafting;
        if (!autosave) return;
        /* Lent, the text gets its words where it is; the mark they tell of is remembered here, with the marks. */
        if (autosave.store.get().state !== 'lent') now().work.write(text);
        if (mark) now().work.keeper?.link(mark);
      }),
      link.on('sign-ask', async ({ ask }) => {
        const isClean = await now().work.flush();
        const study = current();
        const { marks_revision: marks } = now().work.seen();
        link.say({ kind: 'sign-ready', ask, isClean, marks, fidelity: study ? fidelityOf(study) : null });
      }),
      link.on('signed', () => now().drafting.refetch()),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [link, viewer]);
  const { revision } = work.desk;
  useEffect(() => link?.say({ kind: 'figures', revision }), [link, revision]);
}

function windowCommands(options: {
  link: CaseLink | null;
  isAway: boolean;
  words: Words;
  roles: readonly Role[];
}): Command[] {
  const { link, isAway, roles } = options;
  const w = options.words.windows;
  const open = (role: Role): void => {
    if (!link) tell(areWindowsPossible() ? w.notYet : w.unsupported);
    else if (roles.includes(role)) toFront(role);
    else if (!openWindow(link.identity.reading, role, link.identity.person)) tell(w.blocked);
  };
  const images = (): void => {
    const next = (['images-1', 'images-2'] as const).find((role) => !roles.includes(role));
    if (next) open(next);
    else tell(w.allOpen);
  };
  const remember = async (): Promise<void> => tell((await askForScreens()) ? w.remembered : w.rememberDenied);
  return [
    { id: 'windows.images', title: w.openImages, keys: ['shift+i'], run: images },
    {
      id: 'windows.report',
      title: isAway ? w.reportBack : w.openReport,
      keys: ['shift+t'],
      run: () => (isAway ? link?.say({ kind: 'report-back' }) : open('report')),
    },
    { id: 'windows.remember', title: w.remember, run: () => void remember() },
  ];
}

/** The main window of a case and the others that belong to it. */
export function useMainWindows(options: {
  reading: ReadingDetail;
  viewer: ViewerCase | null;
  drafting: Drafting;
  work: Work;
  elsewhere: Elsewhere;
  person: number | undefined;
  lease: Lease;
}) {
  const { reading, viewer, drafting, work, elsewhere, person, lease } = options;
  const words = useWords();
  const identity = useIdentity(reading, viewer, person);
  const link = useCaseLink(identity, 'main');
  const peers = useTogether(link, (state) => state.peers);
  const isAway = useLending(link, drafting);
  useKeeping(link, viewer, work, drafting);
  useScreens(link, viewer);
  const latest = useRef({ work, drafting });
  latest.current = { work, drafting };
  elsewhere.current = isAway && link ? (text) => link.say({ kind: 'insert', text, link: null }) : null;
  useEffect(() => {
    void knowScreens();
    return saveBeforeCurtain(async () => {
      const { drafting: now, work: all } = latest.current;
      const saved = await Promise.all([now.autosave?.flush() ?? true, all.flush()]);
      return saved.every(Boolean);
    });
  }, []);
  useEffect(() => {
    if (!link) return;
    tellNext({ page: PAGE, person: link.identity.person, reading: link.identity.reading });
    return rememberPlace('main', link.identity.person);
  }, [link]);
  useEffect(() => {
    if (lease === 'lost') link?.say({ kind: 'closed', how: 'lost' });
  }, [link, lease]);
  const roles = peers.map(({ role }) => role);
  const commands = windowCommands({ link, isAway, words, roles });
  const accession = identity?.accession;
  return {
    link,
    accession,
    isAway,
    roles,
    commands,
    signed: () => link?.say({ kind: 'closed', how: 'signed' }),
  };
}

export type MainWindows = ReturnType<typeof useMainWindows>;
