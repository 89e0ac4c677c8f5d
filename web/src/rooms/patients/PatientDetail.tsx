import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { PatientPage, PatientSighting, StudyOut } from '@/api/contract';
import { patients } from '@/api/patients';
import { CommandButton } from '@/ui/CommandButton';
import { type Command, useCommands } from '@/ui/commands';
import { Skeleton, Trouble } from '@/ui/feedback';
import { Tag } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { PatientFacts } from '@/ui/patient';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';
import { CorrectDialog } from './CorrectDialog';
import { Elsewhere } from './Elsewhere';
import { Corrections, Merges } from './Mended';
import { MergeDialog } from './MergeDialog';
import { MoveDialog } from './MoveDialog';
import { Moves } from './Moves';

type Dialog = { kind: 'correct'; from: PatientSighting | null } | { kind: 'merge' } | null;

function Sightings({ page, onUse }: { page: PatientPage; onUse: (one: PatientSighting) => void }) {
  const words = useWords();
  const w = words.patients;
  const now = useNow();
  const may = page.acts.includes('correct');
  return (
    <section className="sheet padded" aria-label={w.sightings}>
      <h2>{w.sightings}</h2>
      <p className="muted">{w.sightingsLead}</p>
      <ul className="seen-list">
        {page.sightings.map((one) => (
          <li key={one.id}>
            <span className="muted num">{whenText(one.seen_at, now, words.time)}</span>
            <span className="num">
              <b>{one.name_kanji || one.name_kana || one.name_romaji}</b> {one.name_kana} {one.birth_date}{' '}
              {one.sex && words.patient.sex[one.sex as 'M' | 'F' | 'O']}
            </span>
            {one.contradicts_now.length > 0 ? (
              <Tag tone="red">{w.contradicts(one.contradicts_now.join('・'))}</Tag>
            ) : (
              <Tag tone="green">{w.agrees}</Tag>
            )}
            {one.contradicts_now.length === 0 && one.contradicted_then.length > 0 && (
              <span className="muted">{w.contradictedThen(one.contradicted_then.join('・'))}</span>
            )}
            {may && one.contradicts_now.length > 0 && (
              <button type="button" className="as-link" onClick={() => onUse(one)}>
                {w.use}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Studies({ page }: { page: PatientPage }) {
  const { id } = page.patient;
  const [moving, setMoving] = useState<StudyOut | null>(null);
  const words = useWords();
  const w = words.patients;
  const now = useNow();
  const studies = useQuery({
    queryKey: ['patient-studies', 'studies', id],
    queryFn: ({ signal }) => patients.studies(id, signal),
  });
  const requests = useQuery({
    queryKey: ['patients', 'requests', id],
    queryFn: ({ signal }) => patients.requests(id, signal),
  });
  const found = studies.data?.items ?? [];
  const asked = requests.data?.items ?? [];
  return (
    <section className="sheet padded" aria-label={w.studies}>
      <h2>{w.studies}</h2>
      {studies.data && found.length === 0 && <p className="muted">{w.noStudies}</p>}
      <ul className="seen-list">
        {found.map((one) => (
          <li key={one.id} className="num">
            <span className="muted">{one.study_at && whenText(one.study_at, now, words.time)}</span>
            <Link to="/studies/$id/images" params={{ id: one.id }}>
              {one.modalities.join(' ')} {one.description || one.body_part}
            </Link>
            <span className="muted">
              {words.common.images(one.instance_count)} {w.filedUnder(one.patient.patient_id)}
            </span>
            {one.receipt === 'held' && <Tag tone="red">{words.resolution.held}</Tag>}
            {page.acts.includes('correct') && (
              <button type="button" className="as-link" onClick={() => setMoving(one)}>
                {w.moves.move}
              </button>
            )}
          </li>
        ))}
      </ul>
      {moving && <MoveDialog page={page} study={moving} onClose={() => setMoving(null)} />}
      <h2>{w.requests}</h2>
      {requests.data && asked.length === 0 && <p className="muted">{w.noRequests}</p>}
      <ul className="seen-list">
        {asked.map((one) => (
          <li key={one.id} className="num">
            <span className="muted">{one.sent_at && whenText(one.sent_at, now, words.time)}</span>
            <Link to="/requests/$id" params={{ id: one.id }}>
              {one.exam.modality} {one.exam.description || one.exam.body_part}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Family({ page, onChoose }: { page: PatientPage; onChoose: (id: number) => void }) {
  const w = useWords().patients;
  const others = page.family.filter(({ id }) => id !== page.patient.id);
  if (others.length === 0) return null;
  const isGone = page.patient.merged_into !== null;
  return (
    <section className="sheet padded" aria-label={w.family}>
      <h2>{w.family}</h2>
      {isGone && <p className="note amber">{w.mergedInto}</p>}
      {others.map((one) => (
        <div key={one.id} className="row">
          <PatientFacts patient={one} />
          <button type="button" className="as-link" onClick={() => onChoose(one.id)}>
            {w.open}
          </button>
        </div>
      ))}
    </section>
  );
}

function Opened({ page, onChoose }: { page: PatientPage; onChoose: (id: number) => void }) {
  const words = useWords();
  const w = words.patients;
  const now = useNow();
  const [dialog, setDialog] = useState<Dialog>(null);
  const every: (Command & { act: 'correct' | 'merge' })[] = [
    {
      act: 'correct',
      id: 'patient.correct',
      title: w.correct,
      keys: ['e'],
      run: () => setDialog({ kind: 'correct', from: null }),
    },
    {
      act: 'merge',
      id: 'patient.merge',
      title: w.merge,
      keys: ['m'],
      run: () => setDialog({ kind: 'merge' }),
    },
  ];
  const commands = every.filter(({ act }) => page.acts.includes(act));
  useCommands(commands);
  return (
    <div className="patient-detail">
      <header className="sheet padded">
        <PatientFacts patient={page.patient} facility={page.patient.facility.name} />
        <div className="row">
          {page.patient.is_placeholder && <Tag tone="amber">{w.placeholder}</Tag>}
          {page.patient.merged_into !== null && <Tag>{w.mergedTag}</Tag>}
          {page.patient.name_romaji && <span className="muted">{page.patient.name_romaji}</span>}
          <span className="spacer" />
          {commands.map((command) => (
            <CommandButton key={command.id} command={command} />
          ))}
        </div>
      </header>
      <Family page={page} onChoose={onChoose} />
      <Merges page={page} />
      <Corrections page={page} />
      <Sightings page={page} onUse={(from) => setDialog({ kind: 'correct', from })} />
      <Moves page={page} />
      <Studies page={page} />
      <Elsewhere page={page} />
      <details className="sheet padded">
        <summary>{words.common.history}</summary>
        <ul className="seen-list">
          {page.history.map((line) => (
            <li key={`${line.at}${line.sentence}`}>
              <span className="muted num">{whenText(line.at, now, words.time)}</span> {line.sentence}{' '}
              <span className="muted">{line.by}</span>
            </li>
          ))}
        </ul>
      </details>
      {dialog?.kind === 'correct' && (
        <CorrectDialog page={page} from={dialog.from} onClose={() => setDialog(null)} />
      )}
      {dialog?.kind === 'merge' && <MergeDialog page={page} onClose={() => setDialog(null)} />}
    </div>
  );
}

/** Everything of one patient: what is held, what was seen, what was put right, and by whom. */
export function PatientDetail({ id, onChoose }: { id: number; onChoose: (id: number) => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['patients', 'page', id],
    queryFn: ({ signal }) => patients.get(id, signal),
    gcTime: 0,
  });
  if (error && !data) return <Trouble error={error} onRetry={() => void refetch()} />;
  return data ? <Opened page={data} onChoose={onChoose} /> : <Skeleton rows={8} />;
}
