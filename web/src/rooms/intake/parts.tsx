import { SegmentedControl, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { YesNoUnknown } from '@/api/contract';
import { useWords } from '@/words';

export const KNOWN: readonly YesNoUnknown[] = ['yes', 'no', 'unknown'];

/** One of a few values, all of them seen at once. */
export function Choice<Value extends string>(props: {
  label: string;
  /** What the hub calls it when it is missing. */
  field?: string;
  value: Value;
  values: readonly Value[];
  name: (value: Value) => string;
  onChange: (value: Value) => void;
}) {
  return (
    <div id={props.field && `field-${props.field}`}>
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

export function Group({ title, acts, children }: { title: string; acts?: ReactNode; children: ReactNode }) {
  return (
    <fieldset className="form-group">
      <legend>
        {title} {acts}
      </legend>
      <div className="stack">{children}</div>
    </fieldset>
  );
}

/** Yes, no or unknown; what exactly is asked only where there is something. */
export function KnownWithNote(props: {
  field: string;
  label: string;
  noteLabel?: string;
  value: YesNoUnknown;
  note?: string;
  onChange: (value: YesNoUnknown, note: string) => void;
}) {
  const known = useWords().reading.yesNo;
  const { note = '' } = props;
  return (
    <div className="known">
      <Choice
        field={props.field}
        label={props.label}
        value={props.value}
        values={KNOWN}
        name={(one) => known[one]}
        onChange={(value) => props.onChange(value, note)}
      />
      {props.noteLabel && (props.value === 'yes' || note) && (
        <TextInput
          aria-label={props.noteLabel}
          placeholder={props.noteLabel}
          value={note}
          onChange={(event) => props.onChange(props.value, event.currentTarget.value)}
        />
      )}
    </div>
  );
}

/** Shows the reader where something is to be entered. */
export function goToField(field: string): void {
  const place = document.getElementById(`field-${field}`);
  const entry = place?.matches('input, textarea')
    ? place
    : place?.querySelector<HTMLElement>('input, textarea');
  place?.scrollIntoView({ block: 'center' });
  entry?.focus();
}

/** One line of text; `field` is what the hub calls it when it is missing. */
export function Line(props: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  field?: string;
  placeholder?: string;
  isRequired?: boolean;
  type?: 'tel';
}) {
  const { field, isRequired, onChange, ...rest } = props;
  return (
    <TextInput
      {...rest}
      id={field && `field-${field}`}
      required={isRequired}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
