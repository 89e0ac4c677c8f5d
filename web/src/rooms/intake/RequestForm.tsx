import { SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { RequestIn, Urgency, YesNoUnknown } from '@/api/contract';
import { UrgencyMark } from '@/ui/marks';
import { useWords } from '@/words';
import type { RequestDraft } from './useRequestDraft';

const URGENCIES: readonly Urgency[] = ['emergency', 'urgent', 'same_day', 'next_clinical_day', 'checkup'];
const KNOWN: readonly YesNoUnknown[] = ['yes', 'no', 'unknown'];
const COMPARISONS: readonly RequestIn['comparison']['state'][] = [
  'received',
  'elsewhere',
  'none',
  'not_asked',
];

type Prose = 'question' | 'complaint' | 'history' | 'surgery' | 'labs';

function Choice<Value extends string>(props: {
  label: string;
  value: Value;
  values: readonly Value[];
  name: (value: Value) => string;
  onChange: (value: Value) => void;
}) {
  return (
    <div>
      <div className="choice-label">{props.label}</div>
      <SegmentedControl
        size="xs"
        aria-label={props.label}
        value={props.value}
        onChange={(value) => props.onChange(value as Value)}
        data={props.values.map((value) => ({ value, label: props.name(value) }))}
      />
    </div>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="form-group">
      <legend>{title}</legend>
      <div className="stack">{children}</div>
    </fieldset>
  );
}

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

function ClinicalGroup({ draft }: { draft: RequestDraft }) {
  const w = useWords().intake;
  const { content, change } = draft;
  const prose: readonly Prose[] = ['question', 'complaint', 'history', 'surgery', 'labs'];
  return (
    <Group title={w.clinical}>
      {prose.map((name) => (
        <Textarea
          key={name}
          label={w[name]}
          required={name === 'question'}
          minRows={name === 'question' || name === 'complaint' ? 2 : 1}
          value={content[name]}
          onChange={(event) => change({ [name]: event.currentTarget.value })}
        />
      ))}
    </Group>
  );
}

function ContrastGroup({ draft }: { draft: RequestDraft }) {
  const words = useWords();
  const w = words.intake;
  const { content, change } = draft;
  const contrast = (part: Partial<RequestIn['contrast']>): void =>
    change({ contrast: { ...content.contrast, ...part } });
  const known = words.reading.yesNo;
  return (
    <Group title={w.contrast}>
      <div className="field-grid">
        <Choice
          label={w.contrastPlanned}
          value={content.contrast.planned}
          values={KNOWN}
          name={(v) => known[v]}
          onChange={(planned) => contrast({ planned })}
        />
        <Choice
          label={w.contrastGiven}
          value={content.contrast.given}
          values={KNOWN}
          name={(v) => known[v]}
          onChange={(given) => contrast({ given })}
        />
        <TextInput
          label={w.agent}
          value={content.contrast.agent}
          onChange={(event) => contrast({ agent: event.currentTarget.value })}
        />
        <TextInput
          label={w.contrastNote}
          value={content.contrast.note}
          onChange={(event) => contrast({ note: event.currentTarget.value })}
        />
      </div>
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

function ContactGroup({ draft }: { draft: RequestDraft }) {
  const w = useWords().intake;
  const { content, change } = draft;
  return (
    <Group title={w.contact}>
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

export function RequestForm({ draft }: { draft: RequestDraft }) {
  return (
    <div className="stack">
      <UrgencyGroup draft={draft} />
      <ExamGroup draft={draft} />
      <ClinicalGroup draft={draft} />
      <ContrastGroup draft={draft} />
      <ComparisonGroup draft={draft} />
      <ContactGroup draft={draft} />
    </div>
  );
}
