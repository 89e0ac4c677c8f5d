import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PatientPage, StudyMove } from '@/api/contract';
import { studyMoves } from '@/api/moves';
import { confirm } from '@/ui/confirm';
import { Trouble } from '@/ui/feedback';
import { Tag } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { patientName } from '@/ui/patient';
import { whenText } from '@/ui/time';
import { useWords, type Words } from '@/words';
import { attempt } from './attempt';
import { ConfirmMoveDialog } from './MoveDialog';

const TONES = { proposed: 'amber', made: 'accent', declined: 'grey', undone: 'grey' } as const;

/** A move in one line: which study, from whom, to whom. */
export function moveText(one: StudyMove, words: Words): string {
  const w = words.patients;
  const named = (row: StudyMove['origin']): string =>
    `${patientName(row, words)} ${row.is_placeholder ? w.placeholder : row.patient_id}`;
  const { modalities, description, body_part } = one.study;
  return w.moves.of(
    `${modalities.join(' ')} ${description || body_part}`,
    named(one.origin),
    named(one.target),
  );
}

function Move({ one, onConfirm }: { one: StudyMove; onConfirm: () => void }) {
  const words = useWords();
  const { patients: w } = words;
  const m = w.moves;
  const now = useNow();
  const end = async (isUndo: boolean): Promise<void> => {
    const reason = await confirm({
      title: isUndo ? m.undoTitle : m.declineTitle,
      body: isUndo ? m.undoLead : m.declineLead,
      confirm: isUndo ? w.undo : w.decline,
      ask: words.common.reason,
      isGrave: isUndo,
    });
    if (!reason) return;
    const act = isUndo ? studyMoves.undo : studyMoves.decline;
    await attempt(() => act(one.id, reason), isUndo ? m.undone : m.declined);
  };
  const isOver = one.state === 'undone' || one.state === 'declined';
  return (
    <li className={isOver ? 'is-over' : undefined}>
      <div className="row">
        <Tag tone={TONES[one.state]}>{m.state[one.state]}</Tag>
        <b className="num">{moveText(one, words)}</b>
        <span className="spacer" />
        {one.acts.includes('make') && (
          <Button size="compact-sm" variant="filled" onClick={onConfirm}>
            {m.confirm}
          </Button>
        )}
        {one.acts.includes('decline') && (
          <Button size="compact-sm" onClick={() => void end(false)}>
            {w.decline}
          </Button>
        )}
        {one.acts.includes('undo') && (
          <Button size="compact-sm" onClick={() => void end(true)}>
            {w.undo}
          </Button>
        )}
      </div>
      <div>
        <span className="muted num">
          {w.madeBy(one.asked_by_name, whenText(one.asked_at, now, words.time))}
        </span>{' '}
        {one.reason}
        {one.made_by_name && one.made_by_name !== one.asked_by_name && (
          <span className="muted"> ・ {one.made_by_name}</span>
        )}
      </div>
      {one.refusal && <div className="muted">{one.refusal}</div>}
      {one.ended_at && (
        <div className="muted">
          {w.undoneBy(one.ended_by_name, whenText(one.ended_at, now, words.time), one.ended_reason)}
        </div>
      )}
    </li>
  );
}

/** Studies that were moved to or from this person, or are to be. */
export function Moves({ page }: { page: PatientPage }) {
  const m = useWords().patients.moves;
  const [confirming, setConfirming] = useState<StudyMove | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ['patient-studies', 'moves', page.patient.id],
    queryFn: ({ signal }) => studyMoves.of(page.patient.id, signal),
  });
  if (error && !data) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (!data || data.items.length === 0) return null;
  return (
    <section className="sheet padded" aria-label={m.history}>
      <h2>{m.history}</h2>
      <ul className="act-list">
        {data.items.map((one) => (
          <Move key={one.id} one={one} onConfirm={() => setConfirming(one)} />
        ))}
      </ul>
      {confirming && <ConfirmMoveDialog move={confirming} onClose={() => setConfirming(null)} />}
    </section>
  );
}
