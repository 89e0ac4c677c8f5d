import type { ReactNode } from 'react';
import type { FacilityRef, PatientOut, Urgency } from '@/api/contract';
import { UrgencyMark } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { PatientFacts } from '@/ui/patient';
import { fullText, remaining, whenText } from '@/ui/time';
import { useWords } from '@/words';

function Left({ dueAt }: { dueAt: string }) {
  const words = useWords();
  const left = remaining(dueAt, useNow(), words.time);
  const tone = left.isOverdue ? 'overdue' : left.minutes < 15 ? 'close' : '';
  return (
    <span className={`due num ${tone}`} title={`${words.worklist.due} ${fullText(dueAt)}`}>
      {left.text}
    </span>
  );
}

/** Whose pictures and whose report these are. It stands over everything and changes only with the case. */
export function Banner(props: {
  patient: PatientOut;
  facility: FacilityRef;
  exam: string;
  studyAt: string | null;
  /** Of the study; unknown until its images are listed. */
  accession?: string | null;
  urgency?: Urgency;
  dueAt?: string | null;
  children?: ReactNode;
}) {
  const words = useWords();
  const now = useNow();
  return (
    <section className="patient-banner" aria-label={words.patient.banner}>
      <PatientFacts patient={props.patient} facility={props.facility.name} />
      <span className="exam-fact">
        <h1>{props.exam}</h1>{' '}
        <span className="num muted">{props.studyAt && whenText(props.studyAt, now, words.time)}</span>
        {props.accession && (
          <span className="num accession">
            <span className="muted">{words.patient.accession} </span>
            {props.accession}
          </span>
        )}
      </span>
      <span className="spacer" />
      {props.urgency && <UrgencyMark urgency={props.urgency} />}
      {props.dueAt && <Left dueAt={props.dueAt} />}
      {props.children}
    </section>
  );
}
