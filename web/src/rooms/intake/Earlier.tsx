import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Earlier, RequestIn, RequestOut, YesNoUnknown } from '@/api/contract';
import { requests } from '@/api/hub';
import { tell } from '@/ui/feedback';
import { dateText } from '@/ui/time';
import { useWords, type Words } from '@/words';
import type { RequestWriting } from './useRequestDraft';

type Patient = NonNullable<Earlier['patient']>;

export function useEarlier(request: RequestOut): Earlier | undefined {
  return useQuery({
    queryKey: ['earlier', request.id],
    queryFn: () => requests.earlier(request.id),
    gcTime: 0,
  }).data;
}

const either = (now: string, before: string): string => (now.trim() === '' ? before : now);
const known = (now: YesNoUnknown, before: YesNoUnknown): YesNoUnknown => (now === 'unknown' ? before : now);

/** What was empty is filled; what somebody wrote stays. */
export function filled(now: RequestIn, before: Patient): Partial<RequestIn> {
  const { renal, risk, mr_safety: safety } = now;
  const isRenalEmpty = renal.egfr === null && renal.creatinine === null && renal.measured_on === null;
  return {
    history: either(now.history, before.history),
    ...(now.surgery.trim() === '' && { surgery: before.surgery, surgery_when: before.surgery_when }),
    malignancy: known(now.malignancy, before.malignancy),
    malignancy_note: either(now.malignancy_note, before.malignancy_note),
    renal: isRenalEmpty ? (before.renal as RequestIn['renal']) : renal,
    risk: {
      ...risk,
      allergy: known(risk.allergy, before.allergy),
      allergy_note: either(risk.allergy_note, before.allergy_note),
      asthma: known(risk.asthma, before.asthma),
      metformin: known(risk.metformin, before.metformin),
    },
    mr_safety: {
      pacemaker: known(safety.pacemaker, before.mr_safety.pacemaker),
      aneurysm_clip: known(safety.aneurysm_clip, before.mr_safety.aneurysm_clip),
      cochlear_implant: known(safety.cochlear_implant, before.mr_safety.cochlear_implant),
      other_metal: known(safety.other_metal, before.mr_safety.other_metal),
      claustrophobia: known(safety.claustrophobia, before.mr_safety.claustrophobia),
      note: either(safety.note, before.mr_safety.note ?? ''),
    },
  };
}

function told(before: Patient, words: Words): string {
  const { intake: w, request: r } = words;
  const yesNo = words.reading.yesNo;
  const said: [string, string][] = [
    [w.history, before.history],
    [w.surgery, [before.surgery, before.surgery_when].filter(Boolean).join(' ')],
    [r.malignancy, before.malignancy === 'unknown' ? '' : yesNo[before.malignancy]],
    [r.allergy, before.allergy === 'unknown' ? '' : [yesNo[before.allergy], before.allergy_note].join(' ')],
    [
      r.egfr,
      before.renal.egfr == null ? '' : `${before.renal.egfr} (${before.renal.measured_on ?? r.noDay})`,
    ],
  ];
  return said.flatMap(([label, text]) => (text.trim() ? [`${label}: ${text.trim()}`] : [])).join('　');
}

/** What the last request about this patient said. Nothing is copied by itself. */
export function EarlierPatientNote({
  draft,
  earlier,
}: {
  draft: RequestWriting;
  earlier: Earlier | undefined;
}) {
  const words = useWords();
  const r = words.request;
  const before = earlier?.patient;
  const text = before ? told(before, words) : '';
  if (!before || !text) return null;
  return (
    <div className="note row earlier">
      <span>
        {r.earlier(dateText(before.sent_at.slice(0, 10)))}
        <br />
        <span className="muted">{text}</span>
      </span>
      <span className="spacer" />
      <Button
        variant="default"
        size="compact-sm"
        onClick={() => {
          draft.change(filled(draft.content, before));
          tell(r.copied);
        }}
      >
        {r.copy}
      </Button>
    </div>
  );
}

/** One's own last contact, offered while there is none. */
export function SameContact({ draft, earlier }: { draft: RequestWriting; earlier: Earlier | undefined }) {
  const r = useWords().request;
  const contact = earlier?.contact;
  const { requester_name: name, callback_phone: phone } = draft.content;
  if (!contact?.callback_phone || phone.trim() || name.trim()) return null;
  return (
    <Button variant="default" size="compact-sm" onClick={() => draft.change(contact)}>
      {r.sameContact}:{' '}
      {[contact.requester_department, contact.requester_name, contact.callback_phone].join(' ').trim()}
    </Button>
  );
}
