import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { queries, usePerson } from '@/api/cache';
import type { ReadingDetail } from '@/api/contract';
import { readings } from '@/api/hub';
import { isProblem } from '@/api/problem';
import { CommandButton } from '@/ui/CommandButton';
import { type Command, useCommands } from '@/ui/commands';
import { confirm } from '@/ui/confirm';
import { Trouble, tell, tellProblem } from '@/ui/feedback';
import type { ViewerCase } from '@/viewer/case';
import { early, openWith } from '@/viewer/early';
import { fidelityOf } from '@/viewer/fidelity';
import { FidelityLine } from '@/viewer/parts/FidelityLine';
import { SeriesStrip } from '@/viewer/parts/SeriesStrip';
import { Toolbar } from '@/viewer/parts/Toolbar';
import { Viewer } from '@/viewer/Viewer';
import { useWords } from '@/words';
import { CaseAskBacks } from '../askbacks/CaseAskBacks';
import { Banner } from './Banner';
import { ElsewhereCover } from './launch/ElsewhereCover';
import { LaunchButton } from './launch/LaunchButton';
import { LaunchLine } from './launch/LaunchLine';
import { useLaunching } from './launch/launching';
import { useOnScreen } from './launch/useOnScreen';
import { MarksLine } from './MarksLine';
import { Priors } from './Priors';
import { ReferenceUse } from './ReferenceUse';
import { ReportPane } from './ReportPane';
import { History, PriorReports, RequestPanel } from './RequestPanel';
import { SignDialog } from './SignDialog';
import { useAhead } from './useAhead';
import { useFigureWork } from './useFigureWork';
import { useLease } from './useLease';
import { type Drafting, useReport } from './useReport';
import { useViewerCase } from './useViewerCase';
import { useViewerCommands } from './useViewerCommands';
import { WithReading } from './WithReading';
import { CaseCover } from './windows/CaseCover';
import { toFront } from './windows/opening';
import { mainSeat } from './windows/screens';
import { useMainWindows } from './windows/useMainWindows';
import { WindowsMenu } from './windows/WindowsMenu';

/** The priors, and the newest earlier report open, one key away. */
function openPriorReport(): void {
  document.getElementById('priors')?.focus();
  document.querySelector('#prior-reports details')?.setAttribute('open', '');
}

function useRoomCommands(
  reading: ReadingDetail,
  drafting: Drafting,
  isAway: boolean,
  onSign: () => void,
  focusReport: () => void,
) {
  const words = useWords();
  const r = words.reading;
  const navigate = useNavigate();
  const isFinal = (drafting.report?.versions.length ?? 0) > 0;
  const next = async (): Promise<void> => {
    try {
      const { id } = openWith(await readings.next());
      await navigate({ to: '/reading/$id', params: { id } });
    } catch (error) {
      if (isProblem(error, 'reading.none_waiting')) {
        tell(error.message || words.worklist.noneWaiting);
        await navigate({ to: '/worklist' });
      } else tellProblem(error);
    }
  };
  const release = async (): Promise<void> => {
    const w = words.worklist;
    const reason = await confirm({
      title: w.releaseTitle,
      body: w.releaseLead,
      confirm: w.release,
      ask: words.common.reason,
    });
    if (reason === null) return;
    try {
      await drafting.autosave?.flush();
      await readings.release(reading.id, reason);
      tell(w.released);
      await navigate({ to: '/worklist' });
    } catch (error) {
      tellProblem(error);
    }
  };
  return [
    {
      id: 'reading.list',
      title: r.toWorklist,
      keys: ['Escape'],
      run: () => void navigate({ to: '/worklist' }),
    },
    { id: 'reading.next', title: r.next, keys: ['Space'], when: () => isFinal, run: () => void next() },
    {
      id: 'reading.release',
      title: r.release,
      when: () => reading.acts.includes('release'),
      run: () => void release(),
    },
    {
      id: 'reading.report',
      title: r.focusReport,
      keys: ['r'],
      run: isAway ? () => toFront('report') : focusReport,
    },
    {
      id: 'reading.priors',
      title: r.focusPriors,
      keys: ['p'],
      run: openPriorReport,
    },
    {
      id: 'reading.sign',
      title: r.sign,
      keys: ['mod+Enter'],
      when: () => drafting.report?.acts.includes('sign') === true && !isAway,
      run: onSign,
    },
  ] satisfies Command[];
}

function Middle(props: {
  viewer: ViewerCase;
  readingId: number;
  isMine: boolean;
  error: unknown;
  onRetry: () => void;
}) {
  const { viewer, error, onRetry } = props;
  useAhead(viewer, props.readingId, props.isMine);
  const person = usePerson();
  const shown = useViewerCommands(viewer);
  return (
    <div className="middle">
      <Toolbar viewer={viewer} commands={shown} />
      {error ? <Trouble error={error} onRetry={onRetry} /> : null}
      <Viewer viewer={viewer} reader={person.person?.name ?? ''} />
    </div>
  );
}

function OpenCase({ reading }: { reading: ReadingDetail }) {
  const words = useWords();
  const r = words.reading;
  const me = usePerson();
  const findingsRef = useRef<HTMLTextAreaElement>(null);
  const [isSigning, setSigning] = useState(false);
  const { viewer, error, retry } = useViewerCase(
    (signal) => early.readingImages.take(reading.id, () => readings.images(reading.id, signal)),
    () => mainSeat(reading.id),
  );
  const drafting = useReport(reading.id);
  const isMine = reading.state === 'claimed' && reading.reader?.id === me.person?.id;
  const lease = useLease(reading.id, isMine);
  const elsewhere = useRef<((text: string) => void) | null>(null);
  const work = useFigureWork(reading.id, viewer, drafting, elsewhere);
  const person = me.person?.id;
  const windows = useMainWindows({ reading, viewer, drafting, work, elsewhere, person, lease });
  const launching = useLaunching('reading', reading.id);
  const onScreen = useOnScreen(viewer, reading.patient, reading.study_at);
  const sign = async (): Promise<void> => {
    if (!drafting.autosave || !(await drafting.autosave.flush())) return;
    if (await work.flush()) setSigning(true);
    else tell(words.figures.unsavedSign);
  };
  const commands = useRoomCommands(
    reading,
    drafting,
    windows.isAway,
    () => void sign(),
    () => findingsRef.current?.focus(),
  );
  useCommands(commands);
  useCommands(work.commands);
  useCommands(windows.commands);
  const command = (id: string): Command | undefined => commands.find((one) => one.id === id);
  const [toList, next, release] = [
    command('reading.list'),
    command('reading.next'),
    command('reading.release'),
  ];

  const signed = async (): Promise<void> => {
    setSigning(false);
    windows.signed();
    tell(r.signed);
    drafting.refetch();
    await queries.invalidateQueries({ queryKey: ['reading', reading.id] });
    void queries.invalidateQueries({ queryKey: ['readings'] });
  };
  const current = viewer?.store.get().studies.find((study) => study.role === 'current');

  return (
    <div className={windows.isAway ? 'reading-room without-report' : 'reading-room'}>
      <CaseCover link={windows.link} />
      <ElsewhereCover launching={launching} />
      <Banner
        patient={reading.patient}
        facility={reading.facility}
        exam={`${reading.modality} ${reading.exam_description}`}
        studyAt={reading.study_at}
        accession={windows.accession}
        urgency={reading.urgency}
        dueAt={reading.state === 'read' ? null : reading.due_at}
      >
        <LaunchButton
          launching={launching}
          on={onScreen}
          onDiffer={(differs) => windows.link?.disagree(differs)}
        />
        <WindowsMenu windows={windows} />
        {release?.when?.() && <CommandButton command={release} />}
        {next?.when?.() && <CommandButton command={next} variant="filled" />}
        {toList && <CommandButton command={toList} />}
      </Banner>
      <aside className="left" aria-label={r.panel.left}>
        <RequestPanel request={reading.request} readingId={reading.id} />
        <CaseAskBacks
          readingId={reading.id}
          patient={reading.patient}
          facility={reading.facility}
          turnaround={reading.turnaround}
        />
        <Priors
          reading={reading}
          viewer={viewer}
          onReload={() => void work.flush().then((isKept) => isKept && retry())}
        />
        <PriorReports reading={reading} />
        {viewer && (
          <section className="side-section flush" aria-label={words.viewer.series}>
            <SeriesStrip viewer={viewer} />
          </section>
        )}
        <History reading={reading} />
      </aside>
      {viewer ? (
        <Middle viewer={viewer} readingId={reading.id} isMine={isMine} error={error} onRetry={retry} />
      ) : (
        <div className="middle" />
      )}
      <aside className={windows.isAway ? 'right away' : 'right'}>
        {lease !== 'held' && (
          <div className="note amber" role="alert">
            {lease === 'lost' ? r.leaseLost : r.leaseFailing}
          </div>
        )}
        {drafting.error ? <Trouble error={drafting.error} onRetry={drafting.refetch} /> : null}
        {drafting.report && drafting.autosave && !windows.isAway && (
          <ReportPane
            report={drafting.report}
            autosave={drafting.autosave}
            checks={drafting.checks}
            findingsRef={findingsRef}
            caret={work.caret}
            desk={work.desk}
            onJump={(figure) => void work.jump(figure)}
            onInsert={work.insert}
            onSign={() => void sign()}
          />
        )}
      </aside>
      <footer className="status">
        {viewer && <FidelityLine viewer={viewer} />}
        {viewer && work.keeper && <MarksLine keeper={work.keeper} viewer={viewer} mayWrite={work.mayWrite} />}
        <LaunchLine launching={launching} />
        <span className="spacer" />
        <ReferenceUse />
      </footer>
      {isSigning && drafting.report && drafting.autosave && (
        <SignDialog
          reading={reading}
          report={drafting.report}
          autosave={drafting.autosave}
          checks={drafting.checks}
          seen={work.seen}
          fidelity={current ? fidelityOf(current) : null}
          onClose={() => setSigning(false)}
          onSigned={() => void signed()}
        />
      )}
    </div>
  );
}

export function ReadingRoom({ readingId }: { readingId: number }) {
  const words = useWords();
  const navigate = useNavigate();
  const wayOut = (
    <p>
      <Button onClick={() => void navigate({ to: '/worklist' })}>{words.reading.toWorklist}</Button>
    </p>
  );
  return (
    <WithReading readingId={readingId} wayOut={wayOut}>
      {(reading) => <OpenCase reading={reading} />}
    </WithReading>
  );
}
