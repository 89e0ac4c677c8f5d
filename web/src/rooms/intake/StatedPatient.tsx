import { SegmentedControl, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PatientOut, Sex, Stated } from '@/api/contract';
import { requests } from '@/api/hub';
import { ageAndSex, patientName } from '@/ui/patient';
import { useWords } from '@/words';
import { Group, Line } from './parts';
import type { RequestWriting } from './useRequestDraft';

const SEXES = ['', 'M', 'F', 'O'] as const;

/** Who a request says it is about, in one line. */
export function StatedFacts(props: { stated: Stated; facility: string; isQuiet?: boolean }) {
  const { patient, numbers, exam_on } = props.stated;
  const w = useWords();
  const b = w.request.before;
  return (
    <div className={props.isQuiet ? 'muted num' : 'num'}>
      {props.isQuiet && `${b.stated}: `}
      {props.isQuiet ? (
        patient.name_kanji || patient.name_kana
      ) : (
        <b>{patient.name_kanji || patient.name_kana}</b>
      )}{' '}
      {patient.name_kana} {patient.birth_on} {patient.sex && w.patient.sex[patient.sex as Sex]} {w.patient.id}{' '}
      {patient.patient_id}（{props.facility}）
      {numbers.accession_number && ` ${b.accession} ${numbers.accession_number}`}
      {exam_on && ` ${b.examOn} ${exam_on}`}
    </div>
  );
}

/** Patients the facility has sent before, found as one types the ID or a name. */
function KnownPatients(props: { facilityId: number; typed: string; onUse: (one: PatientOut) => void }) {
  const words = useWords();
  const b = words.request.before;
  const typed = props.typed.trim();
  const { data } = useQuery({
    queryKey: ['known-patients', props.facilityId, typed],
    queryFn: ({ signal }) => requests.knownPatients(props.facilityId, typed, signal),
    enabled: typed.length > 0,
    gcTime: 0,
  });
  if (!typed || !data?.length) return null;
  return (
    <ul className="known-patients" aria-label={b.known}>
      {data.map((one) => (
        <li key={one.id}>
          <button
            type="button"
            aria-label={b.use(patientName(one, words), one.patient_id)}
            onClick={() => props.onUse(one)}
          >
            <b>{patientName(one, words)}</b> <span className="muted">{one.name_kana}</span>{' '}
            <span className="muted num">
              {ageAndSex(one, words)} {one.birth_date} {one.patient_id}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Before its images a request says itself whose exam it is. */
export function StatedPatientGroup({ draft, facilityId }: { draft: RequestWriting; facilityId: number }) {
  const b = useWords().request.before;
  const [typed, setTyped] = useState('');
  const { stated } = draft.content;
  if (!stated) return null;
  const change = (part: Partial<Stated>): void => draft.change({ stated: { ...stated, ...part } });
  const said = (part: Partial<Stated['patient']>): void => {
    setTyped(part.patient_id ?? part.name_kanji ?? part.name_kana ?? typed);
    change({ patient: { ...stated.patient, ...part } });
  };
  const use = (one: PatientOut): void => {
    setTyped('');
    change({
      patient: {
        ...stated.patient,
        patient_id: one.patient_id,
        issuer: one.issuer,
        name_kanji: one.name_kanji,
        name_kana: one.name_kana,
        name_romaji: one.name_romaji,
        birth_on: one.birth_date,
        sex: one.sex ?? '',
      },
    });
  };
  const { patient, numbers } = stated;
  return (
    <Group title={b.title}>
      <div className="field-grid">
        <Line
          field="patient_id"
          label={b.patientId}
          isRequired
          value={patient.patient_id}
          onChange={(patient_id) => said({ patient_id })}
        />
        <Line
          field="name_kanji"
          label={b.nameKanji}
          value={patient.name_kanji}
          onChange={(name_kanji) => said({ name_kanji })}
        />
        <Line label={b.nameKana} value={patient.name_kana} onChange={(name_kana) => said({ name_kana })} />
      </div>
      <KnownPatients facilityId={facilityId} typed={typed} onUse={use} />
      <div className="field-grid">
        <TextInput
          type="date"
          label={b.birthOn}
          value={patient.birth_on ?? ''}
          onChange={(event) => said({ birth_on: event.currentTarget.value || null })}
        />
        <div>
          <div className="choice-label">{b.sex}</div>
          <SegmentedControl
            size="xs"
            aria-label={b.sex}
            value={patient.sex}
            onChange={(sex) => said({ sex: sex as Stated['patient']['sex'] })}
            data={SEXES.map((value) => ({ value, label: b.sexes[value] }))}
          />
        </div>
        <TextInput
          type="date"
          label={b.examOn}
          value={stated.exam_on ?? ''}
          onChange={(event) => change({ exam_on: event.currentTarget.value || null })}
        />
        <TextInput
          label={b.accession}
          description={b.accessionLead}
          value={numbers.accession_number}
          onChange={(event) =>
            change({ numbers: { ...numbers, accession_number: event.currentTarget.value } })
          }
        />
      </div>
    </Group>
  );
}
