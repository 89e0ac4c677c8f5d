import { SegmentedControl, Select, Textarea } from '@mantine/core';
import type { Earlier, RequestIn, RequestOut, Urgency } from '@/api/contract';
import { UrgencyMark } from '@/ui/marks';
import { useWords } from '@/words';
import { EarlierPatientNote, SameContact, useEarlier } from './Earlier';
import { MODALITIES } from './modalities';
import { Choice, Group, KnownWithNote, Line } from './parts';
import { ContrastGroup, MrSafetyGroup, RiskGroup } from './SafetyGroups';
import { StatedPatientGroup } from './StatedPatient';
import { Templates } from './Templates';
import type { RequestWriting } from './useRequestDraft';

const URGENCIES: readonly Urgency[] = ['emergency', 'urgent', 'same_day', 'next_clinical_day', 'checkup'];
const COMPARISONS: readonly RequestIn['comparison']['state'][] = [
  'received',
  'elsewhere',
  'none',
  'not_asked',
];

type Prose = 'question' | 'complaint' | 'history' | 'labs';

function UrgencyGroup({ draft }: { draft: RequestWriting }) {
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
        <Line
          label={w.urgencyReason}
          value={content.urgency_reason}
          onChange={(text) => change({ urgency_reason: text })}
        />
      )}
    </Group>
  );
}

function ExamGroup({ draft }: { draft: RequestWriting }) {
  const w = useWords().intake;
  const { content, change } = draft;
  const exam = (part: Partial<RequestIn['exam']>): void => change({ exam: { ...content.exam, ...part } });
  return (
    <Group title={w.exam}>
      <div className="field-grid">
        <Select
          label={w.modality}
          required
          data={MODALITIES}
          value={content.exam.modality || null}
          onChange={(modality) => exam({ modality: modality ?? '' })}
        />
        <Line
          label={w.bodyPart}
          value={content.exam.body_part}
          onChange={(text) => exam({ body_part: text })}
        />
        <Line
          label={w.description}
          isRequired
          value={content.exam.description}
          onChange={(text) => exam({ description: text })}
        />
      </div>
    </Group>
  );
}

function Words({ draft, name }: { draft: RequestWriting; name: Prose }) {
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

function ClinicalGroup({ draft }: { draft: RequestWriting }) {
  const { intake: w, request: r } = useWords();
  const { content, change } = draft;
  return (
    <Group title={w.clinical}>
      <Words draft={draft} name="question" />
      <Words draft={draft} name="complaint" />
      <Words draft={draft} name="history" />
      <Line label={r.course} value={content.course} onChange={(text) => change({ course: text })} />
      <div className="field-grid">
        <Line
          field="surgery"
          label={w.surgery}
          value={content.surgery}
          onChange={(text) => change({ surgery: text })}
        />
        <Line
          label={r.surgeryWhen}
          value={content.surgery_when}
          onChange={(text) => change({ surgery_when: text })}
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

function ComparisonGroup({ draft }: { draft: RequestWriting }) {
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
        <Line
          label={w.whereWhen}
          value={content.comparison.where_when}
          onChange={(text) => comparison({ where_when: text })}
        />
      )}
      {content.comparison.state !== 'none' && (
        <Textarea
          label={w.priorReport}
          placeholder={w.priorReportHint}
          value={content.comparison.report_text}
          onChange={({ currentTarget }) => comparison({ report_text: currentTarget.value })}
          autosize
          minRows={1}
          maxRows={8}
          maxLength={4000}
        />
      )}
    </Group>
  );
}

function ContactGroup({ draft, earlier }: { draft: RequestWriting; earlier: Earlier | undefined }) {
  const w = useWords().intake;
  const { content, change } = draft;
  return (
    <Group title={w.contact} acts={<SameContact draft={draft} earlier={earlier} />}>
      <div className="field-grid">
        <Line
          label={w.requesterName}
          value={content.requester_name}
          onChange={(text) => change({ requester_name: text })}
        />
        <Line
          label={w.department}
          value={content.requester_department}
          onChange={(text) => change({ requester_department: text })}
        />
        <Line
          field="callback_phone"
          label={w.phone}
          isRequired
          type="tel"
          value={content.callback_phone}
          onChange={(text) => change({ callback_phone: text })}
        />
      </div>
    </Group>
  );
}

export function RequestForm({ draft, request }: { draft: RequestWriting; request: RequestOut }) {
  const earlier = useEarlier(request);
  return (
    <div className="stack">
      <Templates draft={draft} facilityId={request.facility.id} />
      <StatedPatientGroup draft={draft} facilityId={request.facility.id} />
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
