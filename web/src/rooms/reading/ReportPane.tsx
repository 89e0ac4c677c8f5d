import { Button, Modal, Textarea } from '@mantine/core';
import type { KeyboardEvent, RefObject, SyntheticEvent } from 'react';
import type { Check, Figure, ReportOut } from '@/api/contract';
import { isInputMethod } from '@/ui/commands';
import { problemText } from '@/ui/feedback';
import { useNow } from '@/ui/now';
import { useStore } from '@/ui/store';
import { clockText, whenText } from '@/ui/time';
import { useWords } from '@/words';
import type { Autosave, Texts } from './autosave';
import type { Caret } from './caret';
import { KeyImages } from './KeyImages';
import type { FigureDesk } from './useFigures';

function SaveLine({ autosave }: { autosave: Autosave }) {
  const words = useWords();
  const { state, savedAt, error } = useStore(autosave.store, (all) => all);
  const r = words.reading;
  if (state === 'failed') {
    return (
      <div className="trouble" role="alert">
        <div>
          {r.saveFailed}
          <div className="muted">{problemText(error, words)}</div>
        </div>
        <Button onClick={() => void autosave.flush()}>{words.common.retry}</Button>
      </div>
    );
  }
  const text = {
    saved: savedAt ? r.saved(clockText(savedAt)) : '',
    dirty: r.unsaved,
    saving: r.saving,
    conflict: r.unsaved,
    lent: '',
  }[state];
  return (
    <span className="muted num" role="status" data-testid="save-state" data-state={state}>
      {text}
    </span>
  );
}

export function ChecksList({ checks }: { checks: readonly Check[] }) {
  const words = useWords();
  if (checks.length === 0) return null;
  return (
    <ul className="checks" aria-label={words.reading.checks}>
      {checks.map((check) => (
        <li key={check.code + check.sentence} className={check.severity}>
          <b>{words.reading[check.severity]}</b> {check.sentence}
        </li>
      ))}
    </ul>
  );
}

function Conflict({ autosave }: { autosave: Autosave }) {
  const words = useWords();
  const r = words.reading;
  const { theirs, findings, impression } = useStore(autosave.store, (all) => all);
  if (!theirs) return null;
  const sides = [
    { title: r.mine, text: { findings, impression }, act: r.keepMine, run: () => autosave.keepMine() },
    { title: r.theirs, text: theirs, act: r.takeTheirs, run: () => autosave.takeTheirs() },
  ];
  return (
    <Modal opened onClose={() => undefined} withCloseButton={false} title={r.conflictTitle} size="xl">
      <p>{r.conflictLead}</p>
      <div className="conflict">
        {sides.map((side) => (
          <section key={side.title}>
            <h3>{side.title}</h3>
            <b>{r.findings}</b>
            <div className="prose">{side.text.findings}</div>
            <b>{r.impression}</b>
            <div className="prose">{side.text.impression}</div>
            <Button onClick={side.run}>{side.act}</Button>
          </section>
        ))}
      </div>
    </Modal>
  );
}

function Signed({ report }: { report: ReportOut }) {
  const words = useWords();
  const now = useNow();
  const latest = report.versions.at(-1);
  if (!latest) return null;
  return (
    <div className="note">
      {words.reading.final(latest.signed_by, whenText(latest.signed_at, now, words.time))}{' '}
      {latest.pdf_url && (
        <a href={latest.pdf_url} target="_blank" rel="noopener">
          {words.reading.pdf}
        </a>
      )}
    </div>
  );
}

/** Escape gives the keyboard back to the pictures, unless the input method is using it. */
function backToPictures(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key === 'Escape' && !isInputMethod(event.nativeEvent)) event.currentTarget.blur();
}

function useField(field: keyof Texts, caret: Caret, autosave: Autosave) {
  const note = (event: SyntheticEvent<HTMLTextAreaElement>): void => caret.note(field, event.currentTarget);
  return {
    onSelect: note,
    onFocus: note,
    onBlur: (event: SyntheticEvent<HTMLTextAreaElement>): void => {
      note(event);
      void autosave.flush();
    },
    onChange: (event: SyntheticEvent<HTMLTextAreaElement>): void => {
      autosave.write({ [field]: event.currentTarget.value });
      note(event);
    },
    onKeyDown: backToPictures,
  };
}

export function ReportPane(props: {
  report: ReportOut;
  autosave: Autosave;
  checks: readonly Check[];
  findingsRef: RefObject<HTMLTextAreaElement | null>;
  caret: Caret;
  desk: FigureDesk;
  onJump: (figure: Figure) => void;
  onInsert: (figure: Figure) => void;
  onSign: () => void;
}) {
  const { report, autosave, checks, caret } = props;
  const words = useWords();
  const r = words.reading;
  const [findingsField, impressionField] = [
    useField('findings', caret, autosave),
    useField('impression', caret, autosave),
  ];
  const { findings, impression } = useStore(autosave.store, (all) => all);
  const mayWrite = report.acts.includes('write');
  const maySign = report.acts.includes('sign');
  return (
    <section className="report-pane" aria-label={r.panel.report}>
      <Signed report={report} />
      {!mayWrite && report.versions.length === 0 && <div className="note amber">{r.notYours}</div>}
      <Textarea
        ref={(area) => {
          props.findingsRef.current = area;
          caret.attach('findings', area);
        }}
        label={r.findings}
        placeholder={mayWrite ? r.findingsPlaceholder : ''}
        readOnly={!mayWrite}
        minRows={9}
        spellCheck={false}
        value={findings}
        {...findingsField}
      />
      <Textarea
        ref={(area) => caret.attach('impression', area)}
        label={r.impression}
        placeholder={mayWrite ? r.impressionPlaceholder : ''}
        readOnly={!mayWrite}
        minRows={4}
        spellCheck={false}
        value={impression}
        {...impressionField}
      />
      <KeyImages desk={props.desk} mayWrite={mayWrite} onJump={props.onJump} onInsert={props.onInsert} />
      {mayWrite && <ChecksList checks={checks} />}
      {report.missing_sentence && <p className="missing-sentence">{report.missing_sentence}</p>}
      <footer>
        {mayWrite ? <SaveLine autosave={autosave} /> : <span className="muted">{r.readOnly}</span>}
        <span className="spacer" />
        {maySign && (
          <Button variant="filled" size="sm" onClick={props.onSign}>
            {r.sign}
          </Button>
        )}
      </footer>
      <Conflict autosave={autosave} />
    </section>
  );
}
