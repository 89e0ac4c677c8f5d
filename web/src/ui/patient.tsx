import type { PatientOut } from '@/api/contract';
import { useWords, type Words } from '@/words';
import { dateText } from './time';

export function ageAndSex(patient: PatientOut, words: Words): string {
  const age = patient.age_years === null ? '' : words.patient.age(patient.age_years);
  const sex = patient.sex ? words.patient.sex[patient.sex] : words.patient.sexUnknown;
  return [age, sex].filter(Boolean).join(' ');
}

export const patientName = (patient: PatientOut, words: Words): string =>
  patient.name_kanji || patient.display_name || patient.name_romaji || words.patient.nameless;

/** Name large, kana beside, birth date with age and sex, the ID with whose ID it is. */
export function PatientFacts({ patient, facility }: { patient: PatientOut; facility?: string }) {
  const words = useWords();
  const birth = patient.birth_date
    ? words.patient.born(dateText(patient.birth_date))
    : words.patient.birthUnknown;
  return (
    <div className="patient">
      <span className="name">{patientName(patient, words)}</span>
      <span className="kana">{patient.name_kana}</span>
      <span className="fact num">
        {ageAndSex(patient, words)}
        <span className="muted">（{birth}）</span>
      </span>
      <span className="fact num">
        <span className="muted">{words.patient.id} </span>
        {patient.patient_id}
        {facility && <span className="muted">（{facility}）</span>}
      </span>
    </div>
  );
}
