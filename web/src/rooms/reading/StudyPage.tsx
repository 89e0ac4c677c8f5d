import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { usePerson } from '@/api/cache';
import type { StudyOut } from '@/api/contract';
import { reports, studies } from '@/api/hub';
import { CommandButton } from '@/ui/CommandButton';
import { type Command, useCommands } from '@/ui/commands';
import { Skeleton, Trouble, tell, tellProblem } from '@/ui/feedback';
import type { ViewerCase } from '@/viewer/case';
import { early } from '@/viewer/early';
import { recall } from '@/viewer/keyImage';
import { FidelityLine } from '@/viewer/parts/FidelityLine';
import { SeriesStrip } from '@/viewer/parts/SeriesStrip';
import { Toolbar } from '@/viewer/parts/Toolbar';
import { Viewer } from '@/viewer/Viewer';
import { useWords } from '@/words';
import { Banner } from './Banner';
import { ElsewhereCover } from './launch/ElsewhereCover';
import { LaunchButton } from './launch/LaunchButton';
import { LaunchLine } from './launch/LaunchLine';
import { useLaunching } from './launch/launching';
import { useOnScreen } from './launch/useOnScreen';
import { ReferenceUse } from './ReferenceUse';
import { useViewerCase } from './useViewerCase';
import { useViewerCommands } from './useViewerCommands';
import './reading.css';

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

/** A key image of a report that was opened from there: its slice, part and window, as the reader kept them. */
function useBeginWith(viewer: ViewerCase | null): void {
  const { report, figure } = useSearch({ from: '/inside/studies/$id/images' });
  useEffect(() => {
    if (!viewer || !report || !figure) return;
    let isGone = false;
    const begin = async (): Promise<void> => {
      try {
        const { items } = await reports.figures(report);
        const found = items.find((one) => one.id === figure);
        const why = found && !isGone ? await recall(viewer, found.recipe) : '';
        if (why && !isGone) tell(why);
      } catch (error) {
        if (!isGone) tellProblem(error);
      }
    };
    void begin();
    return () => {
      isGone = true;
    };
  }, [viewer, report, figure]);
}

function OpenStudy({ study }: { study: StudyOut }) {
  const words = useWords();
  const navigate = useNavigate();
  const { viewer, error, retry } = useViewerCase(() =>
    early.studyImages.take(study.id, () => studies.images(study.id)),
  );
  useBeginWith(viewer);
  const launching = useLaunching('study', study.id);
  const onScreen = useOnScreen(viewer, study.patient, study.study_at);
  const back: Command = {
    id: 'study.back',
    title: words.common.back,
    run: () => void navigate({ to: '/arrivals' }),
  };
  useCommands([back]);
  return (
    <div className="reading-room without-report">
      <ElsewhereCover launching={launching} />
      <Banner
        patient={study.patient}
        facility={study.facility}
        exam={[study.modalities.join(' '), study.description].filter(Boolean).join(' ')}
        studyAt={study.study_at}
        accession={study.accession_number}
      >
        <LaunchButton launching={launching} on={onScreen} onDiffer={() => undefined} />
        <CommandButton command={back} />
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
        <LaunchLine launching={launching} />
        <span className="spacer" />
        <ReferenceUse />
      </footer>
    </div>
  );
}

/** A facility looks at what arrived. No report, no reading, the same pictures. */
export function StudyPage() {
  const { id } = useParams({ from: '/inside/studies/$id/images' });
  const { data, error, refetch } = useQuery({
    queryKey: ['study', id],
    queryFn: () => early.study.take(id, () => studies.get(id)),
    gcTime: 0,
  });
  if (error) return <Trouble error={error} onRetry={() => void refetch()} />;
  return data ? <OpenStudy key={id} study={data} /> : <Skeleton rows={12} />;
}
