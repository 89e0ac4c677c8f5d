import { TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { PatientRow } from '@/api/contract';
import { patients } from '@/api/patients';
import { useCommands } from '@/ui/commands';
import { Empty, Skeleton, Trouble } from '@/ui/feedback';
import { Tag } from '@/ui/marks';
import { ageAndSex, patientName } from '@/ui/patient';
import { useWords } from '@/words';
import { PatientDetail } from './PatientDetail';
import { WaitingMerges } from './WaitingMerges';
import { WaitingMoves } from './WaitingMoves';
import './patients.css';

function Line({ row, isChosen, onChoose }: { row: PatientRow; isChosen: boolean; onChoose: () => void }) {
  const words = useWords();
  const w = words.patients;
  return (
    <li>
      <button
        type="button"
        className="patient-line"
        aria-current={isChosen ? 'true' : undefined}
        onClick={onChoose}
      >
        <span className="row">
          <b>{patientName(row, words)}</b>
          <span className="muted">{row.name_kana}</span>
          <span className="spacer" />
          {row.merged_into !== null && <Tag tone="grey">{w.mergedTag}</Tag>}
          {row.merged_count > 0 && <Tag tone="accent">{w.mergedCount(row.merged_count)}</Tag>}
        </span>
        <span className="row num">
          <span>{row.is_placeholder ? w.placeholder : row.patient_id}</span>
          <span className="muted">
            {ageAndSex(row, words)} {row.birth_date}
          </span>
          <span className="spacer" />
          <span className="muted">{row.facility.name}</span>
        </span>
      </button>
    </li>
  );
}

/** Patients as facilities know them: found, put right, merged. */
export function PatientsPage() {
  const words = useWords();
  const w = words.patients;
  const [typed, setTyped] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const go = useNavigate();
  const chosen = useSearch({ strict: false }).id ?? null;
  const choose = (id: number): void => void go({ to: '/patients', search: { id }, replace: true });
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['patients', 'found', typed.trim()],
    queryFn: ({ signal }) => patients.find(typed.trim(), signal),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const items = data?.items ?? [];
  const current = chosen ?? items[0]?.id ?? null;
  const move = (by: number): void => {
    const at = items.findIndex(({ id }) => id === current);
    const next = items[Math.max(0, Math.min(items.length - 1, at < 0 ? 0 : at + by))];
    if (next) choose(next.id);
  };
  useCommands([
    { id: 'patients.next', title: w.next, keys: ['j', 'ArrowDown'], run: () => move(1) },
    { id: 'patients.previous', title: w.previous, keys: ['k', 'ArrowUp'], run: () => move(-1) },
    { id: 'patients.search', title: w.focus, keys: ['/'], run: () => field.current?.focus() },
  ]);
  return (
    <div className="page patients">
      <header>
        <h1>{w.title}</h1>
        <span className="muted">{w.lead}</span>
      </header>
      {error && <Trouble error={error} onRetry={() => void refetch()} />}
      <div className="patient-columns">
        <div className="stack">
          <TextInput
            ref={field}
            aria-label={w.search}
            placeholder={w.search}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {data && data.waiting > 0 && <WaitingMerges count={data.waiting} onChoose={choose} />}
          <WaitingMoves onChoose={choose} />
          {isPending && <Skeleton />}
          {data && items.length === 0 && (
            <div className="sheet">
              <Empty title={w.none}>{w.noneLead}</Empty>
            </div>
          )}
          {items.length > 0 && (
            <ul className="sheet patient-list" aria-label={w.found}>
              {items.map((row) => (
                <Line key={row.id} row={row} isChosen={row.id === current} onChoose={() => choose(row.id)} />
              ))}
            </ul>
          )}
        </div>
        <div>{current !== null && <PatientDetail key={current} id={current} onChoose={choose} />}</div>
      </div>
    </div>
  );
}
