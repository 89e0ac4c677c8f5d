import { SegmentedControl, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { RequestOut, RequestState } from '@/api/contract';
import { requests } from '@/api/hub';
import { Empty, Skeleton, Trouble } from '@/ui/feedback';
import { Tag, type Tone, UrgencyMark } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { ageAndSex, patientName } from '@/ui/patient';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';

const TONES: Record<RequestState, Tone> = {
  draft: 'amber',
  sent: 'accent',
  accepted: 'accent',
  fulfilled: 'green',
  cancelled: 'grey',
  refused: 'red',
};

const FILTERS: readonly (RequestState | '')[] = ['', 'draft', 'sent', 'accepted', 'fulfilled', 'cancelled'];

export function RequestStateTag({ state }: { state: RequestState }) {
  const words = useWords();
  return <Tag tone={TONES[state]}>{words.intake.states[state]}</Tag>;
}

function RequestRow({ request }: { request: RequestOut }) {
  const words = useWords();
  const now = useNow();
  return (
    <tr>
      <td>
        <RequestStateTag state={request.state} />
      </td>
      <td>
        <UrgencyMark urgency={request.urgency} />
      </td>
      <td>
        <Link to="/requests/$id" params={{ id: request.id }}>
          {request.patient
            ? patientName(request.patient, words)
            : request.stated?.patient.name_kanji ||
              request.stated?.patient.name_kana ||
              words.patient.nameless}
        </Link>{' '}
        <span className="muted num">
          {request.patient && `${ageAndSex(request.patient, words)} ${request.patient.patient_id}`}
        </span>
      </td>
      <td className="clip">
        <b>{request.exam.modality}</b> {request.exam.description}
      </td>
      <td className="clip hide-narrow">{request.question}</td>
      <td className="num right hide-narrow">{request.completeness.score}</td>
      <td className="num hide-narrow">{whenText(request.sent_at ?? request.created_at, now, words.time)}</td>
      <td className="hide-narrow">{request.facility.name}</td>
    </tr>
  );
}

export function Requests() {
  const words = useWords();
  const w = words.intake;
  const [state, setState] = useState('');
  const [q, setQ] = useState('');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['requests', state, q],
    queryFn: () => requests.list({ state, q }),
    placeholderData: keepPreviousData,
  });
  const c = w.columns;
  return (
    <div className="page">
      <header>
        <h1>{w.requests}</h1>
        <SegmentedControl
          size="xs"
          value={state}
          onChange={setState}
          data={FILTERS.map((one) => ({ value: one, label: one ? w.states[one] : w.all }))}
        />
        <span className="spacer" />
        <Link to="/coaching">{words.request.coaching.title}</Link>
        <TextInput
          aria-label={words.common.search}
          placeholder={words.common.search}
          value={q}
          onChange={(event) => setQ(event.currentTarget.value)}
        />
      </header>
      {error && <Trouble error={error} onRetry={() => void refetch()} />}
      <div className="sheet scroll">
        {isPending && <Skeleton />}
        {data?.items.length === 0 && <Empty title={w.noRequests}>{w.noRequestsLead}</Empty>}
        {data && data.items.length > 0 && (
          <table className="dense">
            <thead>
              <tr>
                <th>{c.state}</th>
                <th>{c.urgency}</th>
                <th>{c.patient}</th>
                <th>{c.exam}</th>
                <th className="hide-narrow">{w.question}</th>
                <th className="right hide-narrow">{c.completeness}</th>
                <th className="hide-narrow">{words.common.history}</th>
                <th className="hide-narrow">{c.facility}</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((request) => (
                <RequestRow key={request.id} request={request} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}
