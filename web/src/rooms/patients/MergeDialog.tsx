import { Button, Group, Modal, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ComparedLine, PatientMerge, PatientPage, PatientRow } from '@/api/contract';
import { patients } from '@/api/patients';
import { Trouble } from '@/ui/feedback';
import { ageAndSex, patientName } from '@/ui/patient';
import { useWords } from '@/words';
import { attempt } from './attempt';
import { Beside } from './Beside';

/** Another patient of the same facility is found by ID or name. */
export function Choose(props: { page: PatientPage; label: string; onChoose: (row: PatientRow) => void }) {
  const { page, label, onChoose } = props;
  const words = useWords();
  const w = words.patients;
  const [typed, setTyped] = useState('');
  const { data } = useQuery({
    queryKey: ['patients', 'choose', page.patient.facility.id, typed.trim()],
    queryFn: ({ signal }) => patients.ofFacility(typed.trim(), page.patient.facility.id, signal),
    enabled: typed.trim().length > 0,
    gcTime: 0,
  });
  const own = new Set(page.family.map(({ id }) => id));
  return (
    <>
      <TextInput
        label={label}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
      />
      <ul className="sheet patient-list" aria-label={label}>
        {data?.items
          .filter(({ id }) => !own.has(id))
          .map((row) => (
            <li key={row.id}>
              <button type="button" className="patient-line" onClick={() => onChoose(row)}>
                <span className="row">
                  <b>{patientName(row, words)}</b> <span className="muted">{row.name_kana}</span>
                  <span className="spacer" />
                  <span className="num">{row.is_placeholder ? w.placeholder : row.patient_id}</span>
                  <span className="muted num">
                    {ageAndSex(row, words)} {row.birth_date}
                  </span>
                </span>
              </button>
            </li>
          ))}
      </ul>
    </>
  );
}

/** Both sides, then the words that show the person has looked. */
export function Agree(props: {
  lines: ComparedLine[];
  ours: string;
  theirs: string;
  expected: string;
  act: string;
  note: string;
  onAct: (typed: string, reason: string) => void;
}) {
  const words = useWords();
  const w = words.patients;
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  return (
    <>
      <Beside lines={props.lines} ours={props.ours} theirs={props.theirs} />
      {props.note && <p className="note amber">{props.note}</p>}
      <TextInput
        label={w.typed(props.expected)}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Textarea
        label={w.reason}
        required
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button
          variant="filled"
          color="red.8"
          className="grave"
          disabled={!reason.trim() || typed.trim() !== props.expected}
          onClick={() => props.onAct(typed, reason)}
        >
          {props.act}
        </Button>
      </Group>
    </>
  );
}

/** Another row of the facility that is the same person is found, compared and merged. */
export function MergeDialog({ page, onClose }: { page: PatientPage; onClose: () => void }) {
  const w = useWords().patients;
  const [other, setOther] = useState<PatientRow | null>(null);
  const { data, error } = useQuery({
    queryKey: ['patients', 'beside', page.patient.id, other?.id],
    queryFn: ({ signal }) => patients.beside(page.patient.id, other?.id ?? 0, signal),
    enabled: other !== null,
    gcTime: 0,
  });
  const merge = async (typed: string, reason: string): Promise<void> => {
    if (!other) return;
    const done = data?.needs_second ? w.asked : w.mergedDone;
    if (await attempt(() => patients.merge(page.patient.id, other.id, typed, reason), done)) onClose();
  };
  return (
    <Modal opened onClose={onClose} title={w.mergeTitle} size="xl">
      <div className="stack">
        <p className="muted">{w.mergeLead}</p>
        {other === null ? (
          <Choose page={page} label={w.choose} onChoose={setOther} />
        ) : (
          <Group>
            <Button size="compact-sm" onClick={() => setOther(null)}>
              {w.chooseOther}
            </Button>
          </Group>
        )}
        {error && <Trouble error={error} />}
        {other && data?.refusal && <p className="note amber">{data.refusal}</p>}
        {other && data && !data.refusal && (
          <Agree
            lines={data.lines}
            ours={w.survivor}
            theirs={w.mergedSide}
            expected={data.typed}
            act={data.needs_second ? w.askMerge : w.doMerge}
            note={data.needs_second ? w.needsSecond : ''}
            onAct={(typed, reason) => void merge(typed, reason)}
          />
        )}
      </div>
    </Modal>
  );
}

/** The second person looks at the same two sides. */
export function ConfirmDialog({ merge, onClose }: { merge: PatientMerge; onClose: () => void }) {
  const w = useWords().patients;
  const make = async (typed: string, reason: string): Promise<void> => {
    if (await attempt(() => patients.confirmMerge(merge.id, typed, reason), w.mergedDone)) onClose();
  };
  return (
    <Modal opened onClose={onClose} title={w.confirmTitle} size="xl">
      <div className="stack">
        <p className="muted">{merge.reason}</p>
        <Agree
          lines={merge.lines}
          ours={w.survivor}
          theirs={w.mergedSide}
          expected={merge.typed}
          act={w.confirmMerge}
          note=""
          onAct={(typed, reason) => void make(typed, reason)}
        />
      </div>
    </Modal>
  );
}
