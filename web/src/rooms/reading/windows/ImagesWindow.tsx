import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { usePerson } from '@/api/cache';
import type { ReadingDetail } from '@/api/contract';
import { readings } from '@/api/hub';
import { type Command, useCommands } from '@/ui/commands';
import { Trouble, tell } from '@/ui/feedback';
import { useStore } from '@/ui/store';
import type { ViewerCase } from '@/viewer/case';
import { early } from '@/viewer/early';
import { recall, recipeOf } from '@/viewer/keyImage';
import { FidelityLine } from '@/viewer/parts/FidelityLine';
import { SeriesStrip } from '@/viewer/parts/SeriesStrip';
import { Toolbar } from '@/viewer/parts/Toolbar';
import { Viewer } from '@/viewer/Viewer';
import { useWords } from '@/words';
import { Banner } from '../Banner';
import { ElsewhereCover } from '../launch/ElsewhereCover';
import { LaunchLine } from '../launch/LaunchLine';
import { useLaunching } from '../launch/launching';
import { ReferenceUse } from '../ReferenceUse';
import { useViewerCase } from '../useViewerCase';
import { useViewerCommands } from '../useViewerCommands';
import { WithReading } from '../WithReading';
import { CaseCover } from './CaseCover';
import type { FarMarks } from './farMarks';
import type { CaseLink } from './link';
import { knowScreens, rememberPlace } from './opening';
import type { ImagesRole } from './protocol';
import { imagesSeat } from './screens';
import { seriesShown } from './seriesShown';
import { useCaseLink, useIdentity } from './useCaseLink';
import { useFarMarks } from './useFarMarks';
import { useScreens } from './useScreens';

function useImageCommands(link: CaseLink | null, viewer: ViewerCase | null, mayWrite: boolean): void {
  const words = useWords();
  const f = words.figures;
  const when = (): boolean => mayWrite && link !== null;
  const add = (): void => {
    if (!viewer) return;
    const found = recipeOf(viewer, viewer.store.get().active);
    if ('why' in found) tell(found.why);
    else {
      link?.say({ kind: 'figure', recipe: found.recipe });
      tell(words.windows.figureAsked);
    }
  };
  const insert = (): void => {
    const chosen = viewer?.marking.chosen();
    if (!chosen?.text) {
      tell(f.nothingToInsert);
      return;
    }
    const { id, points, text } = chosen;
    link?.say({ kind: 'insert', text, link: { mark_id: id, text, points } });
    tell(words.windows.insertAsked(text));
  };
  useCommands([
    { id: 'figure.add', title: f.add, keys: ['k'], when, run: add },
    {
      id: 'figure.insert-measure',
      title: f.insertMeasure,
      keys: ['shift+x', 'mod+alt+x'],
      when,
      run: insert,
    },
  ] satisfies Command[]);
}

function useShown(link: CaseLink | null, viewer: ViewerCase | null): void {
  useEffect(() => {
    if (!link || !viewer) return;
    let last = '';
    const tellShown = (isAsked = false): void => {
      const series = seriesShown(viewer);
      if (!isAsked && series.join() === last) return;
      last = series.join();
      link.say({ kind: 'shows', series });
    };
    const show = async (say: { to: string; recipe: Parameters<typeof recall>[1] }): Promise<void> => {
      if (say.to !== link.session) return;
      const why = await recall(viewer, say.recipe);
      if (why) tell(why);
    };
    const stops = [
      viewer.store.subscribe(() => tellShown()),
      link.on('hello', () => tellShown(true)),
      link.on('here', () => tellShown(true)),
      link.on('jump', (say) => void show(say)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [link, viewer]);
}

function Pictures({ viewer }: { viewer: ViewerCase }) {
  const me = usePerson();
  const shown = useViewerCommands(viewer);
  return (
    <>
      <Toolbar viewer={viewer} commands={shown} />
      <Viewer viewer={viewer} reader={me.person?.name ?? ''} />
    </>
  );
}

function MarksLine({ marks, mayWrite }: { marks: FarMarks; mayWrite: boolean }) {
  const w = useWords().windows;
  const state = useStore(marks.store, (all) => all.state);
  if (!mayWrite) return <span className="muted">{`${w.marksLabel} ${w.marksReadOnly}`}</span>;
  if (state === 'asking') return null;
  const isPending = state === 'pending';
  return (
    <span
      className={isPending ? 'marks-line bad' : 'marks-line muted'}
      role="status"
      data-testid="marks-state"
      data-state={state}
    >
      {w.marksLabel} {isPending ? w.marksPending : w.marksKept}
    </span>
  );
}

function OpenImages({ reading, role }: { reading: ReadingDetail; role: ImagesRole }) {
  const words = useWords();
  const person = usePerson().person?.id;
  const { viewer, error, retry } = useViewerCase(
    (signal) => early.readingImages.take(reading.id, () => readings.images(reading.id, signal)),
    () => imagesSeat(reading.id, role),
  );
  const identity = useIdentity(reading, viewer, person);
  const link = useCaseLink(identity, role);
  const mayWrite = reading.state === 'claimed' && reading.reader?.id === person;
  const marks = useFarMarks(link, viewer, mayWrite);
  const launching = useLaunching('reading', reading.id);
  useImageCommands(link, viewer, mayWrite);
  useShown(link, viewer);
  useScreens(link, viewer);
  useEffect(() => {
    if (person === undefined) return;
    void knowScreens();
    return rememberPlace(role, person);
  }, [role, person]);
  return (
    <div className="reading-room without-report">
      <CaseCover link={link} />
      <ElsewhereCover launching={launching} />
      <Banner
        patient={reading.patient}
        facility={reading.facility}
        exam={`${reading.modality} ${reading.exam_description}`}
        studyAt={reading.study_at}
        accession={identity?.accession}
        urgency={reading.urgency}
      >
        <span className="tag accent">{words.windows.role[role]}</span>
      </Banner>
      <aside className="left" aria-label={words.viewer.series}>
        {viewer && <SeriesStrip viewer={viewer} />}
      </aside>
      <div className="middle">
        {error ? <Trouble error={error} onRetry={retry} /> : null}
        {viewer && <Pictures viewer={viewer} />}
      </div>
      <footer className="status">
        {viewer && <FidelityLine viewer={viewer} />}
        {marks && <MarksLine marks={marks} mayWrite={mayWrite} />}
        <LaunchLine launching={launching} />
        <span className="spacer" />
        <ReferenceUse />
      </footer>
    </div>
  );
}

/** Images of a case in a window of their own; the report is in another. */
export function ImagesPage() {
  const { id, place } = useParams({ from: '/inside/reading/$id/images/$place' });
  const role: ImagesRole = place === 2 ? 'images-2' : 'images-1';
  return (
    <WithReading key={`${id}-${role}`} readingId={id}>
      {(reading) => <OpenImages reading={reading} role={role} />}
    </WithReading>
  );
}
