import type { ReactNode } from 'react';
import type { RequestOut } from '@/api/contract';
import { UrgencyMark } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';
import { fieldsOfLine, PaperPlaces } from '../paper/PaperSources';
import { requestLines, surgeryText } from './requestLines';

/** A request that has been sent: as it was written, with what happened to it since. */
export function RequestRead(props: { request: RequestOut; score: ReactNode; children: ReactNode }) {
  const { request } = props;
  const words = useWords();
  const now = useNow();
  const w = words.intake;
  const known = words.reading.yesNo;
  const { report_text } = request.comparison;
  const pasted: [string, string][] = report_text ? [[w.priorReport, report_text]] : [];
  const facts: [string, string][] = [
    [w.description, `${request.exam.modality} ${request.exam.body_part} ${request.exam.description}`],
    [w.urgencyReason, request.urgency_reason],
    [w.question, request.question],
    [w.complaint, request.complaint],
    [w.history, typeof request.history === 'string' ? request.history : ''],
    [w.surgery, surgeryText(request)],
    [w.labs, request.labs],
    [
      w.contrast,
      [
        words.reading.contrastPlanned(known[request.contrast.planned]),
        words.reading.contrastGiven(known[request.contrast.given]),
        request.contrast.agent,
        request.contrast.note,
      ]
        .filter(Boolean)
        .join('・'),
    ],
    [
      w.comparison,
      [w.comparisonState[request.comparison.state], request.comparison.where_when].filter(Boolean).join('・'),
    ],
    ...pasted,
    ...requestLines(request, words),
    [w.requesterName, [request.requester_department, request.requester_name].filter(Boolean).join(' ')],
    [w.phone, request.callback_phone],
  ];
  return (
    <div className="request-layout">
      <div className="sheet padded">
        <p style={{ marginTop: 0 }}>
          <UrgencyMark urgency={request.urgency} />
        </p>
        <dl className="facts">
          {facts.map(([label, text]) => (
            <div key={label} style={{ display: 'contents' }}>
              <dt>{label}</dt>
              <dd>
                {text.trim() || <span className="muted">{words.reading.notWritten}</span>}{' '}
                <PaperPlaces papers={request.papers} fields={fieldsOfLine(label, words)} />
              </dd>
            </div>
          ))}
        </dl>
        {request.ended_reason && (
          <p className="note amber">
            {words.common.reason}: {request.ended_reason}
          </p>
        )}
        {(request.timeline?.length ?? 0) > 0 && (
          <>
            <h2>{words.common.history}</h2>
            <ol className="timeline">
              {request.timeline?.map((line) => (
                <li key={line.at + line.sentence}>
                  <span className="muted num">
                    {whenText(line.at, now, words.time)} {line.by}
                  </span>{' '}
                  {line.sentence}
                </li>
              ))}
            </ol>
          </>
        )}
      </div>
      <aside className="request-side">
        {props.score}
        {props.children}
      </aside>
    </div>
  );
}
