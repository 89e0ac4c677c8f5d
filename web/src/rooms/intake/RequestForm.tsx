import { SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import type { Earlier, RequestIn, RequestOut, Urgency } from '@/api/contract';
import { UrgencyMark } from '@/ui/marks';
import { useWords } from '@/words';
import { EarlierPatientNote, SameContact, useEarlier } from './Earlier';
import { Choice, Group, KnownWithNote } from './parts';
import { ContrastGroup, MrSafetyGroup, RiskGroup } from './SafetyGroups';
import type { RequestDraft } from './useRequestDraft';

const URGENCIES: readonly Urgency[] = ['emergency', 'urgent', 'same_day', 'next_clinical_day', 'checkup'];
const COMPARISONS: readonly RequestIn['comparison']['state'][] = [
  'received',
  'elsewhere',
  'none',
  'not_asked',
];

type Prose = 'question' | 'complaint' | 'history' | 'labs';

function UrgencyGroup({ draft }: { draft: RequestDraft }) {
  const words = useWords();
  const w = words.intake;
  const { content, change } = draft;
  const isPressing = content.urgency === 'emergency' || content.urgency === 'urgent';
  return (
    <Group title={w.urgency}>
      <SegmentedControl
        size="xs"
        aria-label={w.urgency}
        value={content.urgency}
        onChange={(urgency) => change({ urgency: urgency as Urgency })}
        data={URGENCIES.map((urgency) => ({ value: urgency, label: <UrgencyMark urgency={urgency} /> }))}
      />
      {content.urgency === 'emergency' && <div className="note">{w.emergencyNote}</div>}
      {isPressing && (
        <TextInput
          label={w.urgencyReason}
          value={content.urgency_reason}
          onChange={(event) => change({ urgency_reason: event.currentTarget.value })}
        />
      )}
    </Group>
  );
}

function ExamGroup({ draft }: { draft: RequestDraft }) {
  const w = useWords().intake;
  const { content, change } = draft;
  const exam = (part: Partial<RequestIn['exam']>): void => change({ exam: { ...content.exam, ...part } });
  return (
    <Group title={w.exam}>
      <div className="field-grid">
        <Select
          label={w.modality}
          required
          data={['CT', 'MR', 'CR', 'DX', 'MG', 'US', 'NM', 'PT', 'XA', 'RF']}
          value={content.exam.modality || null}
          onChange={(modality) => exam({ modality: modality ?? '' })}
        />
        <TextInput
          label={w.bodyPart}
          value={content.exam.body_part}
          onChange={(event) => exam({ body_part: event.currentTarget.value })}
        />
        <TextInput
          label={w.description}
          required
          value={content.exam.description}
          onChange={(event) => exam({ description: event.currentTarget.value })}
        />
      </div>
    </Group>
  );
}

function Words({ draft, name }: { draft: RequestDraft; name: Prose }) {
  const w = useWords().intake;
  const isLong = name === 'question' || name === 'complaint';
  return (
    <Textarea
      id={`field-${name}`}
      label={w[name]}
      required={name === 'question'}
      autosize
      minRows={isLong ? 2 : 1}
      value={draft.content[name]}
      onChange={(event) => draft.change({ [name]: event.currentTarget.value })}
    />
  );
}

function ClinicalGroup({ draft }: { draft: RequestDraft }) {
  const { intake: w, request: r } = useWords();
  const { content, change } = draft;
  return (
    <Group title={w.clinical}>
      <Words draft={draft} name="question" />
      <Words draft={draft} name="complaint" />
      <Words draft={draft} name="history" />
      <TextInput
        label={r.course}
        value={content.course}
        onChange={(event) => change({ course: event.currentTarget.value })}
      />
      <div className="field-grid">
        <TextInput
          id="field-surgery"
          label={w.surgery}
          value={content.surgery}
          onChange={(event) => change({ surgery: event.currentTarget.value })}
        />
        <TextInput
          label={r.surgeryWhen}
          value={content.surgery_when}
          onChange={(event) => change({ surgery_when: event.currentTarget.value })}
        />
        <KnownWithNote
          field="malignancy"
          label={r.malignancy}
          noteLabel={r.malignancyNote}
          value={content.malignancy}
          note={content.malignancy_note}
          onChange={(malignancy, malignancy_note) => change({ malignancy, malignancy_note })}
        />
      </div>
      <Words draft={draft} name="labs" />
    </Group>
  );
}

function ComparisonGroup({ draft }: { draft: RequestDraft }) {
  const w = useWords().intake;
  const { content, change } = draft;
  const comparison = (part: Partial<RequestIn['comparison']>): void =>
    change({ comparison: { ...content.comparison, ...part } });
  return (
    <Group title={w.comparison}>
      <Choice
        field="comparison"
        label={w.comparison}
        value={content.comparison.state}
        values={COMPARISONS}
        name={(v) => w.comparisonState[v]}
        onChange={(state) => comparison({ state })}
      />
      {(content.comparison.state === 'elsewhere' || content.comparison.state === 'received') && (
        <TextInput
          label={w.whereWhen}
          value={content.comparison.where_when}
          onChange={(event) => comparison({ where_when: event.currentTarget.value })}
        />
      )}
    </Group>
  );
}

function ContactGroup({ draft, earlier }: { draft: RequestDraft; earlier: Earlier | undefined }) {
  const w = useWords().intake;
  const { content, change } = draft;
  return (
    <Group title={w.contact} acts={<SameContact draft={draft} earlier={earlier} />}>
      <div className="field-grid">
        <TextInput
          label={w.requesterName}
          value={content.requester_name}
          onChange={(event) => change({ requester_name: event.currentTarget.value })}
        />
        <TextInput
          label={w.department}
          value={content.requester_department}
          onChange={(event) => change({ requester_department: event.currentTarget.value })}
        />
        <TextInput
          id="field-callback_phone"
          label={w.phone}
          required
          type="tel"
          value={content.callback_phone}
          onChange={(event) => change({ callback_phone: event.currentTarget.value })}
        />
      </div>
    </Group>
  );
}

export function RequestForm({ draft, request }: { draft: RequestDraft; request: RequestOut }) {
  const earlier = useEarlier(request);
  return (
    <div className="stack">
      <UrgencyGroup draft={draft} />
      <ExamGroup draft={draft} />
      <EarlierPatientNote draft={draft} earlier={earlier} />
      <ClinicalGroup draft={draft} />
      <ContrastGroup draft={draft} />
      <RiskGroup draft={draft} patient={request.patient} />
      <MrSafetyGroup draft={draft} />
      <ComparisonGroup draft={draft} />
      <ContactGroup draft={draft} earlier={earlier} />
    </div>
  );
}
