import { SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { askBacks } from '@/api/askbacks';
import type { AskBackBox, AskBackRow } from '@/api/contract';
import { Empty, Skeleton, Trouble } from '@/ui/feedback';
import { UrgencyMark } from '@/ui/marks';
import { PatientFacts } from '@/ui/patient';
import { useWords } from '@/words';
import { AnswerBox } from './AnswerBox';
import { AskBackLine } from './AskBackLine';
import { useWithdraw } from './useAskBacks';

function Card({ row }: { row: AskBackRow }) {
  const a = useWords().askBacks;
  const withdraw = useWithdraw({ kind: 'request', id: row.request_id });
  return (
    <li className="sheet padded ask-card">
      <header>
        <UrgencyMark urgency={row.urgency} />
        <PatientFacts patient={row.patient} facility={row.facility.name} />
        <span>
          <b>{row.modality}</b> {row.exam_description}
        </span>
        <span className="spacer" />
        <Link to="/requests/$id" params={{ id: row.request_id }}>
          {a.toRequest}
        </Link>
      </header>
      <AskBackLine one={row} onWithdraw={(one) => void withdraw(one)}>
        {row.is_reported && row.state === 'asked' && <p className="note amber">{a.reported}</p>}
        <AnswerBox one={row} />
      </AskBackLine>
    </li>
  );
}

/** The questions a facility has to answer, the first due first. */
export function AskBacksPage() {
  const a = useWords().askBacks;
  const [box, setBox] = useState<AskBackBox>('open');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['ask-backs', box],
    queryFn: ({ signal }) => askBacks.list(box, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <div className="page">
      <header>
        <h1>{a.title}</h1>
        <SegmentedControl
          size="xs"
          value={box}
          onChange={(value) => setBox(value as AskBackBox)}
          data={(['open', 'ended'] as const).map((one) => ({
            value: one,
            label: `${a.boxes[one]} ${data?.counts[one] ?? ''}`,
          }))}
        />
      </header>
      <p className="muted">{a.lead}</p>
      {error && <Trouble error={error} onRetry={() => void refetch()} />}
      {isPending && <Skeleton />}
      {data?.items.length === 0 && (
        <div className="sheet">
          <Empty title={box === 'open' ? a.none : a.noneEnded}>{box === 'open' ? a.noneLead : ''}</Empty>
        </div>
      )}
      <ul className="ask-list" aria-live="polite">
        {data?.items.map((row) => (
          <Card key={row.id} row={row} />
        ))}
      </ul>
    </div>
  );
}
