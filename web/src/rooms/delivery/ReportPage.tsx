import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { queries } from '@/api/cache';
import type { DeliveryRow, Figure, ReportFull, ReportVersion } from '@/api/contract';
import { deliveries, reports } from '@/api/hub';
import { confirm } from '@/ui/confirm';
import { Skeleton, Trouble, tell, tellProblem } from '@/ui/feedback';
import { Tag, UrgencyMark } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { PatientFacts } from '@/ui/patient';
import { fullText, whenText } from '@/ui/time';
import { useWords } from '@/words';
import { SaidAskBacks } from '../askbacks/InReport';
import { ConfirmationTag } from './Deliveries';
import './delivery.css';

async function refresh(reportId: number): Promise<void> {
  await queries.invalidateQueries({ queryKey: ['report', reportId] });
  void queries.invalidateQueries({ queryKey: ['deliveries'] });
}

function useConfirmationActs(row: DeliveryRow) {
  const w = useWords().delivery;
  const id = row.mine?.id;
  const attempt = async (act: (id: number) => Promise<unknown>, done: string): Promise<void> => {
    if (id === undefined) return;
    try {
      await act(id);
      tell(done);
    } catch (error) {
      tellProblem(error);
    }
    await refresh(row.report_id);
  };
  return {
    confirm: () => attempt(deliveries.confirm, w.confirmed),
    act: async () => {
      const action = await confirm({ title: w.actTitle, body: w.actLead, confirm: w.act, ask: w.action });
      if (action !== null) await attempt((own) => deliveries.act(own, action), w.acted);
    },
  };
}

function Acts({ row }: { row: DeliveryRow }) {
  const w = useWords().delivery;
  const acts = useConfirmationActs(row);
  const state = row.mine?.state;
  if (!state) return null;
  return (
    <>
      {(state === 'delivered' || state === 'opened') && (
        <Button variant="filled" size="sm" onClick={() => void acts.confirm()}>
          {w.confirm}
        </Button>
      )}
      {state !== 'acted' && state !== 'undelivered' && (
        <Button size="sm" onClick={() => void acts.act()}>
          {w.act}
        </Button>
      )}
    </>
  );
}

/** The key images as they were signed; each leads to its slice. */
function KeyImages({ reportId, figures }: { reportId: number; figures: readonly Figure[] }) {
  const words = useWords();
  const now = useNow();
  const f = words.figures;
  if (figures.length === 0) return null;
  return (
    <section aria-label={f.title}>
      <h2>{f.title}</h2>
      <div className="report-figures">
        {figures.map((figure) => (
          <figure key={figure.id}>
            <Link
              to="/studies/$id/images"
              params={{ id: figure.study_id }}
              search={{ report: reportId, figure: figure.id }}
              title={f.jump(figure.number)}
            >
              <img src={figure.image_url} alt={f.alt(figure.number, figure.caption)} />
            </Link>
            <figcaption>
              <b>{f.name(figure.number)}</b> {figure.caption}
              <div className="muted num">
                {figure.modality} {figure.study_at && whenText(figure.study_at, now, words.time)}{' '}
                {f.series(String(figure.series_number ?? '–'), String(figure.instance_number ?? '–'))}
                {figure.is_lossy && ` ${f.lossy}`}
              </div>
            </figcaption>
          </figure>
        ))}
      </div>
    </section>
  );
}

function Version(props: {
  reportId: number;
  version: ReportVersion;
  isLatest: boolean;
  figures: readonly Figure[];
}) {
  const { reportId, version, isLatest, figures } = props;
  const words = useWords();
  const now = useNow();
  const w = words.delivery;
  return (
    <article className="report-paper">
      <header>
        <b>
          {w.kinds[version.kind]} {w.version(version.number)}
        </b>
        <span className="muted num">
          {w.signedBy(version.signed_by, whenText(version.signed_at, now, words.time))}
        </span>
        <span className="spacer" />
        {version.pdf_url ? (
          <Button component="a" href={version.pdf_url} target="_blank" rel="noopener" className="no-print">
            {w.pdf}
          </Button>
        ) : (
          <span className="muted">{w.preparing}</span>
        )}
      </header>
      <section className={isLatest ? 'conclusion' : ''}>
        <h2>{w.conclusion}</h2>
        <div className="prose">{version.impression}</div>
      </section>
      <section>
        <h2>{w.findings}</h2>
        <div className="prose">{version.findings}</div>
      </section>
      <KeyImages reportId={reportId} figures={figures} />
      <SaidAskBacks said={version.ask_backs} />
      <footer className="muted">
        {w.digest} <code>{version.sha256}</code>
      </footer>
    </article>
  );
}

function Addressees({ rows }: { rows: readonly DeliveryRow[] }) {
  const words = useWords();
  const now = useNow();
  const latest = rows.at(-1);
  if (!latest) return null;
  return (
    <section className="sheet padded no-print">
      <h2 style={{ marginTop: 0 }}>{words.delivery.addressees}</h2>
      <ul className="addressees">
        {latest.confirmations.map((one) => {
          const at = one.acted_at ?? one.confirmed_at ?? one.opened_at;
          return (
            <li key={one.id}>
              <ConfirmationTag state={one.state} /> <span>{one.addressee}</span>
              <span className="muted num">{at && whenText(at, now, words.time)}</span>
              {one.action && <div className="prose">{one.action}</div>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function OneReport({ full }: { full: ReportFull }) {
  const words = useWords();
  const w = words.delivery;
  const { report, request, patient } = full;
  const versions = [...report.versions].sort((a, b) => b.number - a.number);
  const own = full.deliveries.find((row) => row.mine) ?? full.deliveries.at(-1);
  const [latest, ...older] = versions;
  return (
    <div className="page report-page">
      <header>
        <h1>{words.delivery.kinds.original}</h1>
        <UrgencyMark urgency={request.urgency} />
        <span className="spacer" />
        {own && <Acts row={own} />}
        <Button className="no-print" size="sm" onClick={() => window.print()}>
          {words.common.print}
        </Button>
      </header>
      {!full.unaltered && <div className="trouble">{w.altered}</div>}
      {full.doubts.length > 0 && (
        <div className="trouble" role="alert" data-testid="doubts">
          <b>{w.doubt}</b> {full.doubts.join('。')}。<div>{w.doubtLead}</div>
        </div>
      )}
      <div className="sheet padded">
        <PatientFacts patient={patient} facility={request.facility.name} />
        <div>
          <b>
            {request.exam.modality} {request.exam.description}
          </b>{' '}
          <span className="muted num">{request.sent_at && fullText(request.sent_at)}</span>{' '}
          <Link to="/requests/$id" params={{ id: request.id }} className="no-print">
            {w.request}
          </Link>
        </div>
      </div>
      {latest && <Version reportId={report.id} version={latest} isLatest figures={report.figures} />}
      <Addressees rows={full.deliveries} />
      {older.length > 0 && (
        <details>
          <summary>
            {w.older} <Tag>{older.length}</Tag>
          </summary>
          {older.map((version) => (
            <Version
              key={version.number}
              reportId={report.id}
              version={version}
              isLatest={false}
              figures={[]}
            />
          ))}
        </details>
      )}
    </div>
  );
}

export function ReportPage() {
  const { id } = useParams({ from: '/inside/reports/$id' });
  const { data, error, refetch } = useQuery({
    queryKey: ['report', id],
    queryFn: () => reports.get(id),
    gcTime: 0,
  });
  if (error && !data) {
    return (
      <div className="page">
        <Trouble error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  return data ? <OneReport key={id} full={data} /> : <Skeleton rows={10} />;
}
