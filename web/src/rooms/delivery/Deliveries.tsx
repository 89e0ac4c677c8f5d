import { SegmentedControl, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ConfirmationState, DeliveryRow } from '@/api/contract';
import { deliveries } from '@/api/hub';
import { Empty, Skeleton, Trouble } from '@/ui/feedback';
import { Tag, type Tone, UrgencyMark } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { ageAndSex, patientName } from '@/ui/patient';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';
import './delivery.css';

const TONES: Record<ConfirmationState, Tone> = {
  undelivered: 'grey',
  delivered: 'amber',
  opened: 'amber',
  confirmed: 'accent',
  acted: 'green',
};

export function ConfirmationTag({ state }: { state: ConfirmationState }) {
  const words = useWords();
  return <Tag tone={TONES[state]}>{words.delivery.confirmation[state]}</Tag>;
}

type Box = 'unconfirmed' | 'all';

/** Conclusion first: what a busy requester must see without opening anything. */
function DeliveryCard({ row }: { row: DeliveryRow }) {
  const words = useWords();
  const w = words.delivery;
  const now = useNow();
  return (
    <li>
      <Link to="/reports/$id" params={{ id: row.report_id }} className="delivery">
        <span className="delivery-state">
          {row.mine ? (
            <ConfirmationTag state={row.mine.state} />
          ) : (
            <Tag>{words.delivery.deliveryState[row.state]}</Tag>
          )}
          <UrgencyMark urgency={row.urgency} />
          {row.is_in_doubt && <Tag tone="red">{w.inDoubt}</Tag>}
        </span>
        <span className="delivery-main">
          <span className="delivery-head">{row.impression_head || '–'}</span>
          <span>
            <b>{patientName(row.patient, words)}</b> <span className="muted">{row.patient.name_kana}</span>{' '}
            <span className="num">{ageAndSex(row.patient, words)}</span>{' '}
            <span className="muted num">{row.patient.patient_id}</span>
            {' · '}
            {row.modality} {row.exam_description}
          </span>
        </span>
        <span className="delivery-when num muted">
          {row.kind !== 'original' && <Tag tone="violet">{w.kinds[row.kind]}</Tag>}
          <span>{whenText(row.signed_at, now, words.time)}</span>
          <span>{row.signed_by}</span>
          <span>{row.facility.name}</span>
        </span>
      </Link>
    </li>
  );
}

export function Deliveries() {
  const words = useWords();
  const w = words.delivery;
  const [box, setBox] = useState<Box>('unconfirmed');
  const [q, setQ] = useState('');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['deliveries', box, q],
    queryFn: () => deliveries.list(box, q),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <div className="page">
      <header>
        <h1>{w.title}</h1>
        <SegmentedControl
          size="xs"
          value={box}
          onChange={(value) => setBox(value as Box)}
          data={(['unconfirmed', 'all'] as const).map((one) => ({
            value: one,
            label: `${w.boxes[one]} ${data?.counts[one] ?? ''}`,
          }))}
        />
        <span className="spacer" />
        <TextInput
          aria-label={words.common.search}
          placeholder={words.common.search}
          value={q}
          onChange={(event) => setQ(event.currentTarget.value)}
        />
      </header>
      {error && <Trouble error={error} onRetry={() => void refetch()} />}
      <div className="sheet">
        {isPending && <Skeleton />}
        {data?.items.length === 0 && <Empty title={box === 'all' ? w.noneAll : w.none}>{w.noneLead}</Empty>}
        <ul className="delivery-list">
          {data?.items.map((row) => (
            <DeliveryCard key={row.id} row={row} />
          ))}
        </ul>
      </div>
    </div>
  );
}
