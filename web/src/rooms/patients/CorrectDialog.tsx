import { Button, Group, Modal, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CorrectIn, PatientPage, PatientSighting } from '@/api/contract';
import { patients } from '@/api/patients';
import { useWords } from '@/words';
import { attempt } from './attempt';

const SEXES = ['', 'M', 'F', 'O'] as const;

/** Name, birth date and sex as they should be, and how it was found out. */
export function CorrectDialog(props: {
  page: PatientPage;
  from: PatientSighting | null;
  onClose: () => void;
}) {
  const { page, from, onClose } = props;
  const words = useWords();
  const w = words.patients;
  const start = from ?? page.held;
  const [seen] = useState(page.held);
  const [wanted, setWanted] = useState({
    name_kanji: start.name_kanji,
    name_kana: start.name_kana,
    name_romaji: start.name_romaji,
    birth_date: start.birth_date ?? page.held.birth_date,
    sex: (start.sex || page.held.sex) as CorrectIn['sex'],
  });
  const [reason, setReason] = useState('');
  const change = (part: Partial<typeof wanted>): void => setWanted({ ...wanted, ...part });
  const save = async (): Promise<void> => {
    const body: CorrectIn = { ...wanted, seen, reason, source_id: from?.id ?? null };
    if (await attempt(() => patients.correct(page.patient.id, body), w.corrected)) onClose();
  };
  return (
    <Modal opened onClose={onClose} title={w.correctTitle} size="lg">
      <div className="stack">
        <p className="muted">{w.correctLead}</p>
        <div className="field-grid">
          {(['kanji', 'kana', 'romaji'] as const).map((group) => (
            <TextInput
              key={group}
              label={w[group]}
              value={wanted[`name_${group}`]}
              onChange={(event) => change({ [`name_${group}`]: event.currentTarget.value })}
              {...(group === 'kanji' ? { 'data-autofocus': true } : {})}
            />
          ))}
          <TextInput
            type="date"
            label={w.born}
            value={wanted.birth_date ?? ''}
            onChange={(event) => change({ birth_date: event.currentTarget.value || null })}
          />
        </div>
        <SegmentedControl
          aria-label={w.sex}
          value={wanted.sex ?? ''}
          onChange={(sex) => change({ sex: sex as CorrectIn['sex'] })}
          data={SEXES.map((one) => ({
            value: one,
            label: one ? words.patient.sex[one] : words.patient.sexUnknown,
          }))}
        />
        <Textarea
          label={w.reason}
          required
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button variant="filled" disabled={!reason.trim()} onClick={() => void save()}>
            {w.save}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}
