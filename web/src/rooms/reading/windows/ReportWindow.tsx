import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { queries, usePerson } from '@/api/cache';
import type { Figure, ReadingDetail } from '@/api/contract';
import { readings } from '@/api/hub';
import { useCommands } from '@/ui/commands';
import { Skeleton, Trouble, tell } from '@/ui/feedback';
import { useWords } from '@/words';
import { CaseAskBacks } from '../../askbacks/CaseAskBacks';
import { Banner } from '../Banner';
import { Caret } from '../caret';
import { ElsewhereCover } from '../launch/ElsewhereCover';
import { LaunchLine } from '../launch/LaunchLine';
import { useLaunching } from '../launch/launching';
import { Priors } from '../Priors';
import { ReferenceUse } from '../ReferenceUse';
import { ReportPane } from '../ReportPane';
import { PriorReports, RequestPanel } from '../RequestPanel';
import { SignDialog } from '../SignDialog';
import { type FigureDesk, useFigures } from '../useFigures';
import { type Drafting, useReport } from '../useReport';
import { WithReading } from '../WithReading';
import { CaseCover } from './CaseCover';
import type { CaseLink } from './link';
import { knowScreens, rememberPlace } from './opening';
import type { Saying } from './protocol';
import { identityOf, useCaseLink } from './useCaseLink';
import { useGivenText, useMirror, useSignAsk } from './useReportWindow';

function useDesk(link: CaseLink | null, drafting: Drafting): FigureDesk {
  const desk = useFigures(drafting.report, drafting.onChecks);
  const latest = useRef(desk);
  latest.current = desk;
  useEffect(() => {
    if (!link) return;
    return link.on('figures', ({ revision }) => {
      if (revision > latest.current.revision) latest.current.refresh();
    });
  }, [link]);
  const { revision } = desk;
  useEffect(() => link?.say({ kind: 'figures', revision }), [link, revision]);
  return desk;
}

/** Words that come from another window go where the reader last wrote. */
function useInserts(link: CaseLink | null, drafting: Drafting, caret: Caret): void {
  const { autosave } = drafting;
  const w = useWords().windows;
  useEffect(() => {
    if (!link || !autosave) return;
    return link.on('insert', ({ text }) => {
      caret.insert(autosave, text);
      tell(w.inserted(text));
    });
  }, [link, autosave, caret, w]);
}

function OpenReport({ reading }: { reading: ReadingDetail }) {
  const words = useWords();
  const person = usePerson().person?.id;
  const images = useQuery({
    queryKey: ['case-images', reading.id],
    queryFn: ({ signal }) => readings.images(reading.id, signal),
    gcTime: 0,
    staleTime: Infinity,
  });
  const current = images.data?.studies.find(({ role }) => role === 'current');
  const identity = current && person !== undefined ? identityOf(reading, current, person) : null;
  const link = useCaseLink(identity, 'report');
  const given = useGivenText(link);
  const drafting = useReport(reading.id, given);
  const [caret] = useState(() => new Caret());
  const findingsRef = useRef<HTMLTextAreaElement>(null);
  const desk = useDesk(link, drafting);
  useMirror(link, drafting.autosave);
  useInserts(link, drafting, caret);
  useEffect(() => {
    if (person === undefined) return;
    void knowScreens();
    return rememberPlace('report', person);
  }, [person]);

  const launching = useLaunching('reading', reading.id);
  const askMain = useSignAsk(link);
  const [ready, setReady] = useState<Saying<'sign-ready'> | null>(null);
  const { report, autosave, error } = drafting;
  const sign = async (): Promise<void> => {
    if (!autosave || !(await autosave.flush())) return;
    const answer = await askMain();
    if (!answer) tell(words.windows.noKeeper);
    else if (!answer.isClean || desk.pending.length > 0) tell(words.figures.unsavedSign);
    else setReady(answer);
  };
  const signed = async (): Promise<void> => {
    setReady(null);
    link?.say({ kind: 'signed' });
    drafting.refetch();
    await queries.invalidateQueries({ queryKey: ['reading', reading.id] });
  };
  const insert = ({ number }: Figure): void => {
    if (autosave) caret.insert(autosave, words.figures.name(number));
  };
  const maySign = (): boolean => report?.acts.includes('sign') === true;
  useCommands([
    {
      id: 'reading.report',
      title: words.reading.focusReport,
      keys: ['r'],
      run: () => findingsRef.current?.focus(),
    },
    {
      id: 'reading.sign',
      title: words.reading.sign,
      keys: ['mod+Enter'],
      when: maySign,
      run: () => void sign(),
    },
  ]);
  const fault = error ?? images.error;
  return (
    <div className="reading-room report-only">
      <CaseCover link={link} />
      <ElsewhereCover launching={launching} />
      <Banner
        patient={reading.patient}
        facility={reading.facility}
        exam={`${reading.modality} ${reading.exam_description}`}
        studyAt={reading.study_at}
        accession={identity?.accession}
        urgency={reading.urgency}
        dueAt={reading.state === 'read' ? null : reading.due_at}
      >
        <span className="tag accent">{words.windows.role.report}</span>
      </Banner>
      <aside className="left" aria-label={words.reading.panel.left}>
        <RequestPanel request={reading.request} readingId={reading.id} />
        <CaseAskBacks
          readingId={reading.id}
          patient={reading.patient}
          facility={reading.facility}
          turnaround={reading.turnaround}
        />
        <Priors reading={reading} viewer={null} />
        <PriorReports reading={reading} />
      </aside>
      <div className="right">
        {fault ? <Trouble error={fault} onRetry={() => window.location.reload()} /> : null}
        {!autosave && !fault && <Skeleton rows={8} label={words.windows.asking} />}
        {report && autosave && (
          <ReportPane
            report={report}
            autosave={autosave}
            checks={drafting.checks}
            findingsRef={findingsRef}
            caret={caret}
            desk={desk}
            onJump={({ recipe }) => link?.say({ kind: 'jump', to: '', recipe })}
            onInsert={insert}
            onSign={() => void sign()}
          />
        )}
      </div>
      <footer className="status">
        <LaunchLine launching={launching} />
        <span className="spacer" />
        <ReferenceUse />
      </footer>
      {ready && report && autosave && (
        <SignDialog
          reading={reading}
          report={report}
          autosave={autosave}
          checks={drafting.checks}
          seen={() => ({ figures_revision: desk.revision, marks_revision: ready.marks })}
          fidelity={ready.fidelity}
          onClose={() => setReady(null)}
          onSigned={() => void signed()}
        />
      )}
    </div>
  );
}

/** The report in a window of its own; images and marks are in the main one. */
export function ReportWindowPage() {
  const { id } = useParams({ from: '/inside/reading/$id/report' });
  return (
    <WithReading key={id} readingId={id}>
      {(reading) => <OpenReport reading={reading} />}
    </WithReading>
  );
}
