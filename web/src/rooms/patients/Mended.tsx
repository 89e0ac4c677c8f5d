import { Button } from '@mantine/core';
import { useState } from 'react';
import type { PatientHeld, PatientMerge, PatientPage } from '@/api/contract';
import { patients } from '@/api/patients';
import { confirm } from '@/ui/confirm';
import { Tag, type Tone } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { patientName } from '@/ui/patient';
import { whenText } from '@/ui/time';
import { useWords, type Words } from '@/words';
import { attempt } from './attempt';
import { ConfirmDialog } from './MergeDialog';

const TONES: Record<PatientMerge['state'], Tone> = {
  proposed: 'amber',
  made: 'accent',
  declined: 'grey',
  undone: 'grey',
};

const factsText = (held: PatientHeld, words: Words): string =>
  [
    held.name_kanji,
    held.name_kana,
    held.name_romaji,
    held.birth_date ?? '',
    held.sex ? words.patient.sex[held.sex] : '',
  ]
    .filter(Boolean)
    .join(' ');

/** What was put right, by whom and why; the newest can be taken back. */
export function Corrections({ page }: { page: PatientPage }) {
  const words = useWords();
  const w = words.patients;
  const now = useNow();
  const undo = async (id: number): Promise<void> => {
    const reason = await confirm({
      title: w.undoCorrectionTitle,
      body: w.undoCorrectionLead,
      confirm: w.undo,
      ask: words.common.reason,
    });
    if (reason) await attempt(() => patients.undoCorrection(id, reason), w.correctionUndone);
  };
  if (page.corrections.length === 0) return null;
  return (
    <section className="sheet padded" aria-label={w.corrections}>
      <h2>{w.corrections}</h2>
      <ul className="act-list">
        {page.corrections.map((one) => (
          <li key={one.id} className={one.undone_at ? 'is-over' : undefined}>
            <div className="row">
              <span className="num">
                {w.madeBy(one.made_by_name, whenText(one.made_at, now, words.time))}
              </span>
              <span>{one.reason}</span>
              <span className="spacer" />
              {one.may_undo && (
                <Button size="compact-sm" onClick={() => void undo(one.id)}>
                  {w.undo}
                </Button>
              )}
            </div>
            <div className="num">
              <span className="muted">{w.from}</span> {factsText(one.before, words)}
            </div>
            <div className="num">
              <span className="muted">{w.to}</span> {factsText(one.after, words)}
            </div>
            {one.undone_at && (
              <div className="muted">
                {w.undoneBy(one.undone_by_name, whenText(one.undone_at, now, words.time), one.undone_reason)}
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Merge({ one, onConfirm }: { one: PatientMerge; onConfirm: () => void }) {
  const words = useWords();
  const w = words.patients;
  const now = useNow();
  const named = (row: PatientMerge['merged']): string =>
    `${patientName(row, words)} ${row.is_placeholder ? w.placeholder : row.patient_id}`;
  const end = async (isUndo: boolean): Promise<void> => {
    const reason = await confirm({
      title: isUndo ? w.undoMergeTitle : w.declineTitle,
      body: isUndo ? w.undoMergeLead : w.declineLead,
      confirm: isUndo ? w.undo : w.decline,
      ask: words.common.reason,
      isGrave: isUndo,
    });
    if (!reason) return;
    const act = isUndo ? patients.undoMerge : patients.declineMerge;
    await attempt(() => act(one.id, reason), isUndo ? w.mergeUndone : w.declined);
  };
  const isOver = one.state === 'undone' || one.state === 'declined';
  return (
    <li className={isOver ? 'is-over' : undefined}>
      <div className="row">
        <Tag tone={TONES[one.state]}>{w.state[one.state]}</Tag>
        <b className="num">{w.mergeOf(named(one.merged), named(one.survivor))}</b>
        <span className="spacer" />
        {one.acts.includes('make') && (
          <Button size="compact-sm" variant="filled" onClick={onConfirm}>
            {w.confirmMerge}
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

/** Merges of this person, made, asked for and taken back. */
export function Merges({ page }: { page: PatientPage }) {
  const w = useWords().patients;
  const [confirming, setConfirming] = useState<PatientMerge | null>(null);
  if (page.merges.length === 0) return null;
  return (
    <section className="sheet padded" aria-label={w.merges}>
      <h2>{w.merges}</h2>
      <ul className="act-list">
        {page.merges.map((one) => (
          <Merge key={one.id} one={one} onConfirm={() => setConfirming(one)} />
        ))}
      </ul>
      {confirming && <ConfirmDialog merge={confirming} onClose={() => setConfirming(null)} />}
    </section>
  );
}
