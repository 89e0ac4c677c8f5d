import { Button, NumberInput, TextInput } from '@mantine/core';
import type { PatientOut, RequestIn } from '@/api/contract';
import { useWords } from '@/words';
import { Choice, Group, KNOWN, KnownWithNote, Line } from './parts';
import type { RequestWriting } from './useRequestDraft';

/* As the hub asks of a modality (dokuei/intake/scoring/items.py): what is not asked is not shown. */
const WITH_CONTRAST = new Set(['CT', 'MR', 'XA', 'RF']);
const WITH_RADIATION = new Set(['CT', 'CR', 'DX', 'XA', 'RF', 'NM', 'PT', 'MG']);

const hasContrast = ({ contrast }: RequestIn): boolean =>
  contrast.given === 'yes' || (contrast.planned === 'yes' && contrast.given !== 'no');

function Measure(props: {
  label: string;
  unit: string;
  most: number;
  value: number | null;
  onChange: (value: number | null) => void;
}) {
  return (
    <NumberInput
      label={`${props.label} (${props.unit})`}
      min={0}
      max={props.most}
      decimalScale={2}
      hideControls
      value={props.value ?? ''}
      onChange={(value) => props.onChange(typeof value === 'number' ? value : null)}
    />
  );
}

export function ContrastGroup({ draft }: { draft: RequestWriting }) {
  const words = useWords();
  const w = words.intake;
  const { content, change } = draft;
  const contrast = (part: Partial<RequestIn['contrast']>): void =>
    change({ contrast: { ...content.contrast, ...part } });
  const known = words.reading.yesNo;
  if (!WITH_CONTRAST.has(content.exam.modality) && !hasContrast(content)) return null;
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
          field="contrast.given"
          label={w.contrastGiven}
          value={content.contrast.given}
          values={KNOWN}
          name={(v) => known[v]}
          onChange={(given) => contrast({ given })}
        />
      </div>
      {hasContrast(content) && <Conditions draft={draft} contrast={contrast} />}
      {hasContrast(content) && <Kidneys draft={draft} />}
    </Group>
  );
}

function Conditions(props: {
  draft: RequestWriting;
  contrast: (part: Partial<RequestIn['contrast']>) => void;
}) {
  const { intake: w, request: r } = useWords();
  const said = props.draft.content.contrast;
  const { contrast } = props;
  return (
    <div className="field-grid">
      <Line
        field="contrast.agent"
        label={w.agent}
        value={said.agent}
        onChange={(text) => contrast({ agent: text })}
      />
      <Line
        label={r.concentration}
        placeholder={r.concentrationHint}
        value={said.concentration}
        onChange={(text) => contrast({ concentration: text })}
      />
      <Measure
        label={r.dose}
        unit={r.units.dose}
        most={500}
        value={said.dose_ml}
        onChange={(dose_ml) => contrast({ dose_ml: dose_ml || null })}
      />
      <Measure
        label={r.rate}
        unit={r.units.rate}
        most={20}
        value={said.rate_ml_s}
        onChange={(rate_ml_s) => contrast({ rate_ml_s: rate_ml_s || null })}
      />
      <Line
        label={r.phases}
        placeholder={r.phasesHint}
        value={said.phases}
        onChange={(text) => contrast({ phases: text })}
      />
      <KnownWithNote
        field="contrast.reaction"
        label={r.reaction}
        noteLabel={r.reactionNote}
        value={said.reaction}
        note={said.reaction_note}
        onChange={(reaction, reaction_note) => contrast({ reaction, reaction_note })}
      />
      <Line label={w.contrastNote} value={said.note} onChange={(text) => contrast({ note: text })} />
    </div>
  );
}

function Kidneys({ draft }: { draft: RequestWriting }) {
  const r = useWords().request;
  const said = draft.content.renal;
  const renal = (part: Partial<RequestIn['renal']>): void => draft.change({ renal: { ...said, ...part } });
  return (
    <div className="field-grid" id="field-renal">
      <Measure
        label={r.egfr}
        unit={r.units.egfr}
        most={250}
        value={said.egfr}
        onChange={(egfr) => renal({ egfr })}
      />
      <Measure
        label={r.creatinine}
        unit={r.units.creatinine}
        most={40}
        value={said.creatinine}
        onChange={(creatinine) => renal({ creatinine })}
      />
      <TextInput
        type="date"
        label={r.measuredOn}
        value={said.measured_on ?? ''}
        onChange={(event) => renal({ measured_on: event.currentTarget.value || null })}
      />
    </div>
  );
}

export function RiskGroup({ draft, patient }: { draft: RequestWriting; patient: PatientOut | null }) {
  const r = useWords().request;
  const { content, change } = draft;
  const said = content.risk;
  const risk = (part: Partial<RequestIn['risk']>): void => change({ risk: { ...said, ...part } });
  const { modality } = content.exam;
  const isEnhanced = hasContrast(content);
  const isPregnancyAsked = patient?.sex !== 'M' && (WITH_RADIATION.has(modality) || modality === 'MR');
  if (!isEnhanced && !isPregnancyAsked) return null;
  const clear = (): void =>
    risk({
      ...(isEnhanced && { allergy: 'no', asthma: 'no' }),
      ...(isEnhanced && modality !== 'MR' && { metformin: 'no' }),
      ...(isPregnancyAsked && { pregnancy: 'no' }),
    });
  return (
    <Group title={r.risk} acts={<AllNo onClick={clear} />}>
      <div className="field-grid">
        {isEnhanced && (
          <KnownWithNote
            field="risk.allergy"
            label={r.allergy}
            noteLabel={r.allergyNote}
            value={said.allergy}
            note={said.allergy_note}
            onChange={(allergy, allergy_note) => risk({ allergy, allergy_note })}
          />
        )}
        {isEnhanced && (
          <KnownWithNote
            field="risk.asthma"
            label={r.asthma}
            value={said.asthma}
            onChange={(asthma) => risk({ asthma })}
          />
        )}
        {isEnhanced && modality !== 'MR' && (
          <KnownWithNote
            field="risk.metformin"
            label={r.metformin}
            value={said.metformin}
            onChange={(metformin) => risk({ metformin })}
          />
        )}
        {isPregnancyAsked && (
          <KnownWithNote
            field="risk.pregnancy"
            label={r.pregnancy}
            value={said.pregnancy}
            onChange={(pregnancy) => risk({ pregnancy })}
          />
        )}
      </div>
    </Group>
  );
}

const MR_ITEMS = ['pacemaker', 'aneurysm_clip', 'cochlear_implant', 'other_metal', 'claustrophobia'] as const;

export function MrSafetyGroup({ draft }: { draft: RequestWriting }) {
  const r = useWords().request;
  const { content, change } = draft;
  const said = content.mr_safety;
  const safety = (part: Partial<RequestIn['mr_safety']>): void => change({ mr_safety: { ...said, ...part } });
  if (content.exam.modality !== 'MR') return null;
  const clear = (): void => safety(Object.fromEntries(MR_ITEMS.map((name) => [name, 'no'])));
  return (
    <Group title={r.mrSafety} acts={<AllNo onClick={clear} />}>
      <div className="field-grid" id="field-mr_safety">
        {MR_ITEMS.map((name) => (
          <KnownWithNote
            key={name}
            field={`mr_safety.${name}`}
            label={r.mrItems[name]}
            value={said[name]}
            onChange={(value) => safety({ [name]: value })}
          />
        ))}
        <Line label={r.mrNote} value={said.note} onChange={(text) => safety({ note: text })} />
      </div>
    </Group>
  );
}

function AllNo({ onClick }: { onClick: () => void }) {
  return (
    <Button variant="default" size="compact-xs" onClick={onClick}>
      {useWords().request.allNo}
    </Button>
  );
}
