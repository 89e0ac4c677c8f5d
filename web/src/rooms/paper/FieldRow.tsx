import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import type { PaperAnswer, PaperEntry } from '@/api/contract';
import { isInputMethod } from '@/ui/commands';
import { Tag } from '@/ui/marks';
import { useWords, type Words } from '@/words';
import { Small } from './PageView';

export const BLANK: PaperEntry = { value: '', answer: '', page: null, box: null, note: '' };
const PROSE = new Set([
  'question',
  'complaint',
  'history',
  'course',
  'surgery',
  'labs',
  'contrast.note',
  'comparison.report_text',
]);
const DATES = new Set(['patient.birth_on', 'exam_on', 'renal.measured_on']);
const KNOWN =
  /^(malignancy|risk\.(allergy|asthma|metformin|pregnancy)|contrast\.(planned|given|reaction)|mr_safety\.(?!note).+)$/;
const MODALITIES = ['CT', 'MR', 'CR', 'DX', 'MG', 'US', 'NM', 'PT', 'XA', 'RF'];

export const isAnswered = (one: PaperEntry): boolean => {
  const text = one.value.trim();
  if (one.answer === 'said') return text !== '' && one.page !== null;
  if (one.answer === 'told') return text !== '' && one.note.trim() !== '';
  return one.answer === 'not_written' || (one.answer === 'unreadable' && one.page !== null);
};

/** The choices of a field that has some, as value and words. */
function choicesOf(field: string, words: Words): [string, string][] | null {
  if (KNOWN.test(field)) return (['yes', 'no', 'unknown'] as const).map((v) => [v, words.reading.yesNo[v]]);
  if (field === 'patient.sex') return (['M', 'F', 'O'] as const).map((v) => [v, words.patient.sex[v]]);
  if (field === 'exam.modality') return MODALITIES.map((v) => [v, v]);
  if (field === 'urgency') return Object.entries(words.urgency) as [string, string][];
  if (field === 'comparison.state') return Object.entries(words.intake.comparisonState);
  return null;
}

const shown = (one: PaperEntry | undefined, w: Words['papers']): string => {
  if (one?.answer === 'unreadable') return w.unreadable;
  return one?.answer === 'not_written' ? w.notWritten : (one?.value ?? '');
};

/** One field: its value, how it is known, and for the second person whether it is right. */
export function FieldRow(props: {
  field: string;
  entry: PaperEntry;
  page: number;
  before?: PaperEntry;
  isConfirmed?: boolean;
  isChecking: boolean;
  onChange: (entry: PaperEntry) => void;
  onConfirm: (isConfirmed: boolean) => void;
  onFocus: () => void;
  onNext: () => void;
}) {
  const { field, entry, page, before, isChecking, onChange } = props;
  const words = useWords();
  const w = words.papers;
  const label = w.fields[field] ?? field;
  const isCorrected =
    isChecking && before && (before.value.trim() !== entry.value.trim() || before.answer !== entry.answer);
  const type = (value: string): void =>
    onChange({
      ...entry,
      value,
      answer: value.trim() ? (entry.answer === 'told' ? 'told' : 'said') : '',
      page: entry.page ?? page,
    });
  const answer = (next: PaperAnswer): void => {
    const isSame = entry.answer === next;
    if (next === 'told') onChange({ ...entry, answer: isSame ? '' : 'told', page: null, box: null });
    else
      onChange({
        ...BLANK,
        answer: isSame ? '' : next,
        page: next === 'unreadable' && !isSame ? page : null,
      });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isProse = event.currentTarget instanceof HTMLTextAreaElement;
    if (event.key !== 'Enter' || isInputMethod(event.nativeEvent) || (isProse && !event.ctrlKey)) return;
    event.preventDefault();
    if (isChecking && !isCorrected) props.onConfirm(true);
    props.onNext();
  };
  const common = {
    id: `paper-${field}`,
    value: entry.value,
    placeholder: shown({ ...entry, value: '' }, w),
    onFocus: props.onFocus,
    onKeyDown,
  };
  const choices = choicesOf(field, words);
  const isDone = isChecking ? isCorrected || props.isConfirmed : isAnswered(entry);
  return (
    <div className={isDone ? 'paper-field' : 'paper-field open'} data-field={field}>
      <label htmlFor={common.id}>{label}</label>
      <div>
        {choices ? (
          <NativeSelect
            id={common.id}
            value={entry.value}
            onFocus={props.onFocus}
            onKeyDown={onKeyDown}
            onChange={(event) => type(event.currentTarget.value)}
            data={[
              { value: '', label: shown({ ...entry, value: '' }, w) },
              ...choices.map(([value, text]) => ({ value, label: text })),
            ]}
          />
        ) : PROSE.has(field) ? (
          <Textarea {...common} autosize minRows={1} onChange={(event) => type(event.currentTarget.value)} />
        ) : (
          <TextInput
            {...common}
            type={DATES.has(field) ? 'date' : 'text'}
            onChange={(event) => type(event.currentTarget.value)}
          />
        )}
        {entry.answer === 'told' && (
          <TextInput
            aria-label={`${label} ${w.toldBy}`}
            placeholder={w.toldBy}
            value={entry.note}
            onChange={(event) => onChange({ ...entry, note: event.currentTarget.value })}
          />
        )}
        {isCorrected && <span className="muted">{w.was(shown(before, w))}</span>}
      </div>
      <div className="paper-answers">
        {entry.page && <Tag tone="accent">{w.at(entry.page)}</Tag>}
        {entry.box && <Small label={w.clearBox} onClick={() => onChange({ ...entry, box: null })} />}
        {(['unreadable', 'not_written', 'told'] as const).map((one) => {
          const text = { unreadable: w.unreadable, not_written: w.notWritten, told: w.told }[one];
          return (
            <Small
              key={one}
              label={text}
              name={`${label} ${text}`}
              isOn={entry.answer === one}
              onClick={() => answer(one)}
            />
          );
        })}
        {isChecking &&
          (isCorrected ? (
            <Tag tone="amber">{w.corrected}</Tag>
          ) : (
            <Small
              label={w.confirmed}
              name={`${label} ${w.confirmed}`}
              isOn={props.isConfirmed}
              onClick={() => props.onConfirm(!props.isConfirmed)}
            />
          ))}
      </div>
    </div>
  );
}
