import { SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { CaseBox, CaseRow } from '@/api/contract';
import { resolution } from '@/api/resolution';
import { useCommands } from '@/ui/commands';
import { Empty, Skeleton, Trouble } from '@/ui/feedback';
import { Tag, UrgencyMark } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { ageAndSex, patientName } from '@/ui/patient';
import { agoText, whenText } from '@/ui/time';
import { useWords } from '@/words';
import { CaseDetail, isSigned } from './CaseDetail';
import './resolution.css';

function Line({ row, isChosen, onChoose }: { row: CaseRow; isChosen: boolean; onChoose: () => void }) {
  const words = useWords();
  const w = words.resolution;
  const now = useNow();
  return (
    <li>
      <button
        type="button"
        className="case-line"
        aria-current={isChosen ? 'true' : undefined}
        onClick={onChoose}
      >
        <span className="row">
          <UrgencyMark urgency={row.urgency} />
          {row.is_held && <Tag tone="red">{isSigned(row) ? w.signed : w.held}</Tag>}
          <span className="spacer" />
          <span className="muted num">
            {row.closed_at
              ? whenText(row.closed_at, now, words.time)
              : agoText(row.opened_at, now, words.time)}
          </span>
        </span>
        <span className="row">
          <b>{patientName(row.patient, words)}</b>
          <span className="muted num">
            {ageAndSex(row.patient, words)} {row.patient.patient_id}
          </span>
        </span>
        <span>
          {row.modality} {row.exam_description} <span className="muted">{row.facility.name}</span>
        </span>
        {row.reasons[0] && (
          <span className={row.is_held ? 'case-reason red' : 'case-reason'}>{row.reasons[0]}</span>
        )}
        {row.state === 'open' && (
          <span className="muted num">
            {w.owner} {row.owner}
            {row.candidate_count > 0 && ` ・ ${w.candidates(row.candidate_count)}`}
          </span>
        )}
      </button>
    </li>
  );
}

/** Requests whose images a person has to name or to judge, the most urgent first. */
export function ResolutionPage() {
  const words = useWords();
  const w = words.resolution;
  const [box, setBox] = useState<CaseBox>('open');
  const { case: asked } = useSearch({ from: '/inside/resolution' });
  const [chosen, setChosen] = useState<number | null>(asked ?? null);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['resolution', 'list', box],
    queryFn: ({ signal }) => resolution.list(box, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const items = data?.items ?? [];
  /* What was just decided stays on the screen, so that it is seen and can be undone, until another one is chosen. */
  const current = chosen ?? items[0]?.id ?? null;
  useEffect(() => {
    if (chosen === null && current !== null) setChosen(current);
  }, [chosen, current]);
  const move = (by: number): void => {
    const at = items.findIndex(({ id }) => id === current);
    const next = items[Math.max(0, Math.min(items.length - 1, at < 0 ? 0 : at + by))];
    if (next) setChosen(next.id);
  };
  useCommands([
    { id: 'cases.next', title: w.next, keys: ['j', 'ArrowDown'], run: () => move(1) },
    { id: 'cases.previous', title: w.previous, keys: ['k', 'ArrowUp'], run: () => move(-1) },
  ]);
  return (
    <div className="page resolution">
      <header>
        <h1>{w.title}</h1>
        <SegmentedControl
          size="xs"
          value={box}
          onChange={(value) => {
            setBox(value as CaseBox);
            setChosen(null);
          }}
          data={(['open', 'closed'] as const).map((one) => ({
            value: one,
            label: one === 'open' ? `${w.boxes.open} ${data?.counts.open ?? ''}` : w.boxes.closed,
          }))}
        />
        <span className="muted">{w.lead}</span>
      </header>
      {error && <Trouble error={error} onRetry={() => void refetch()} />}
      {isPending && <Skeleton />}
      <div className="case-columns">
        <div>
          {data?.items.length === 0 && (
            <div className="sheet">
              <Empty title={box === 'open' ? w.none : w.noneClosed}>{box === 'open' ? w.noneLead : ''}</Empty>
            </div>
          )}
          {items.length > 0 && (
            <ul className="sheet case-list" aria-label={w.boxes[box]} aria-live="polite">
              {items.map((row) => (
                <Line
                  key={row.id}
                  row={row}
                  isChosen={row.id === current}
                  onChoose={() => setChosen(row.id)}
                />
              ))}
            </ul>
          )}
        </div>
        <div>{current === null ? null : <CaseDetail id={current} />}</div>
      </div>
    </div>
  );
}
