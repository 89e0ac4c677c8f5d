import { Button, Modal, Textarea } from '@mantine/core';
import type { KeyboardEvent, RefObject } from 'react';
import type { Check, ReportOut } from '@/api/contract';
import { isInputMethod } from '@/ui/commands';
import { problemText } from '@/ui/feedback';
import { useNow } from '@/ui/now';
import { useStore } from '@/ui/store';
import { clockText, whenText } from '@/ui/time';
import { useWords } from '@/words';
import type { Autosave } from './autosave';

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

export function ReportPane(props: {
  report: ReportOut;
  autosave: Autosave;
  checks: readonly Check[];
  findingsRef: RefObject<HTMLTextAreaElement | null>;
  onSign: () => void;
}) {
  const { report, autosave, checks } = props;
  const words = useWords();
  const r = words.reading;
  const { findings, impression } = useStore(autosave.store, (all) => all);
  const mayWrite = report.acts.includes('write');
  const maySign = report.acts.includes('sign');
  return (
    <section className="report-pane" aria-label={r.panel.report}>
      <Signed report={report} />
      {!mayWrite && report.versions.length === 0 && <div className="note amber">{r.notYours}</div>}
      <Textarea
        ref={props.findingsRef}
        label={r.findings}
        placeholder={mayWrite ? r.findingsPlaceholder : ''}
        readOnly={!mayWrite}
        minRows={9}
        spellCheck={false}
        value={findings}
        onChange={(event) => autosave.write({ findings: event.currentTarget.value })}
        onBlur={() => void autosave.flush()}
        onKeyDown={backToPictures}
      />
      <Textarea
        label={r.impression}
        placeholder={mayWrite ? r.impressionPlaceholder : ''}
        readOnly={!mayWrite}
        minRows={4}
        spellCheck={false}
        value={impression}
        onChange={(event) => autosave.write({ impression: event.currentTarget.value })}
        onBlur={() => void autosave.flush()}
        onKeyDown={backToPictures}
      />
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
