import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ReadingDetail, RequestOut } from '@/api/contract';
import { readings } from '@/api/hub';
import { Cautions } from '@/rooms/intake/Cautions';
import { Changes } from '@/rooms/intake/Changes';
import { requestLines, surgeryText } from '@/rooms/intake/requestLines';
import { fieldsOfLine, PaperOriginals, PaperPlaces } from '@/rooms/paper/PaperSources';
import { Trouble } from '@/ui/feedback';
import { Tag, UrgencyMark } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';

function Fact(props: { label: string; text: string; isEmptyShown?: boolean; source?: ReactNode }) {
  const { label, text, isEmptyShown = true, source } = props;
  const words = useWords();
  if (!text.trim() && !isEmptyShown) return null;
  return (
    <>
      <dt>{label}</dt>
      <dd>
        {text.trim() || <span className="muted">{words.reading.notWritten}</span>} {source}
      </dd>
    </>
  );
}

function contrastText(request: RequestOut, words: ReturnType<typeof useWords>): string {
  const { planned, given, agent, note } = request.contrast;
  const r = words.reading;
  return [r.contrastPlanned(r.yesNo[planned]), r.contrastGiven(r.yesNo[given]), agent, note]
    .filter(Boolean)
    .join('・');
}

export function RequestPanel({ request, readingId }: { request: RequestOut; readingId?: number }) {
  const from = (...fields: string[]) => (
    <PaperPlaces papers={request.papers} fields={fields} readingId={readingId} />
  );
  const words = useWords();
  const r = words.reading;
  const { comparison } = request;
  return (
    <section className="side-section" aria-label={r.request}>
      <h2>
        {r.request} <UrgencyMark urgency={request.urgency} />
      </h2>
      <Changes request={request} />
      {request.completeness.missing.length > 0 && (
        <div className="row missing">
          <span className="muted">{r.missing}</span>
          {request.completeness.missing.map(({ field, label }) => (
            <Tag key={field} tone="violet">
              {label}
            </Tag>
          ))}
        </div>
      )}
      <PaperOriginals papers={request.papers} readingId={readingId} />
      <dl className="facts tight">
        <Fact
          label={r.urgencyReason}
          text={request.urgency_reason}
          isEmptyShown={false}
          source={from('urgency')}
        />
        <Fact label={r.question} text={request.question} source={from('question')} />
        <Fact label={r.complaint} text={request.complaint} source={from('complaint')} />
        <Fact label={r.history} text={request.history} source={from('history')} />
        <Fact label={r.surgery} text={surgeryText(request)} source={from('surgery', 'surgery_when')} />
        <Fact label={r.labs} text={request.labs} source={from('labs')} />
        <Fact label={r.contrast} text={contrastText(request, words)} source={from('contrast.')} />
        {requestLines(request, words).map(([label, text]) => (
          <Fact key={label} label={label} text={text} source={from(...fieldsOfLine(label, words))} />
        ))}
        <Fact
          label={r.comparison}
          text={[r.comparisonState[comparison.state], comparison.where_when].filter(Boolean).join('・')}
          source={from('comparison.')}
        />
        <Fact
          label={r.requester}
          text={[request.requester_department, request.requester_name].filter(Boolean).join(' ')}
          source={from('requester_')}
        />
        <Fact label={r.callback} text={request.callback_phone} source={from('callback_phone')} />
      </dl>
      <Cautions cautions={request.completeness.cautions ?? []} />
    </section>
  );
}

export function PriorReports({ reading }: { reading: ReadingDetail }) {
  const words = useWords();
  const { data, error, refetch } = useQuery({
    queryKey: ['prior-reports', reading.id],
    queryFn: ({ signal }) => readings.priorReports(reading.id, signal),
    gcTime: 0,
  });
  const now = useNow();
  const r = words.reading;
  return (
    <section className="side-section" id="prior-reports" tabIndex={-1} aria-label={r.priorReports}>
      <h2>{r.priorReports}</h2>
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 && <p className="muted">{r.noPriorReports}</p>}
      {data?.map((prior) => (
        <details key={`${prior.report_id}-${prior.version}`} className="prior-report">
          <summary>
            <span className="num">{whenText(prior.signed_at, now, words.time)}</span> {prior.exam}
            {prior.elsewhere && <b> {words.priors.elsewhere(prior.elsewhere)}</b>}
          </summary>
          <p>
            <b>{r.impression}</b> {prior.impression}
          </p>
          <p>
            <b>{r.findings}</b> {prior.findings}
          </p>
          <p className="muted">{prior.signed_by}</p>
        </details>
      ))}
    </section>
  );
}

export function History({ reading }: { reading: ReadingDetail }) {
  const words = useWords();
  const now = useNow();
  if (reading.history.length === 0) return null;
  return (
    <section className="side-section">
      <details>
        <summary>
          <b>{words.reading.history2}</b>
        </summary>
        <ol className="history">
          {reading.history.map((line) => (
            <li key={line.at + line.sentence}>
              <span className="muted num">
                {whenText(line.at, now, words.time)} {line.by}
              </span>
              <br />
              {line.sentence}
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}
