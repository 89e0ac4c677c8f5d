import { Button, Group, Modal, NativeSelect, Textarea } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { type Asking, askBacks } from '@/api/askbacks';
import type { AskBacks, AskKind, PatientOut } from '@/api/contract';
import { isInputMethod, isTypingPlace } from '@/ui/commands';
import { Trouble, tell } from '@/ui/feedback';
import { useNow } from '@/ui/now';
import { PatientFacts } from '@/ui/patient';
import { whenText } from '@/ui/time';
import { useWords, type Words } from '@/words';
import { type DraftQuestion, draftOf, kindAt, openKinds, questionOf } from './question';
import { refreshAskBacks } from './useAskBacks';

const lengthOf = (minutes: number, { time }: Words): string =>
  minutes < 60 ? time.minutes(minutes) : time.hours(Math.floor(minutes / 60), minutes % 60);

function Kinds(props: { asked: AskBacks; chosen: string; onChoose: (kind: AskKind) => void }) {
  const { asked, chosen, onChoose } = props;
  const a = useWords().askBacks;
  const open = openKinds(asked);
  return (
    <div role="radiogroup" aria-label={a.kind} className="ask-kinds">
      {asked.kinds.map((kind, index) => (
        // biome-ignore lint/a11y/useSemanticElements: it is chosen by its number, and choosing moves on to the sentence
        <button
          key={kind.code}
          type="button"
          role="radio"
          aria-checked={kind.code === chosen}
          disabled={open.has(kind.code)}
          data-autofocus={index === 0 || undefined}
          onClick={() => onChoose(kind)}
        >
          <kbd>{index + 1}</kbd> <span>{kind.label}</span>
          {open.has(kind.code) && <span className="muted">{a.alreadyOpen}</span>}
        </button>
      ))}
      <p className="muted">{a.kindLead}</p>
    </div>
  );
}

function Wording(props: {
  asked: AskBacks;
  draft: DraftQuestion;
  onChange: (change: Partial<DraftQuestion>) => void;
  onSend: () => void;
}) {
  const { asked, draft, onChange, onSend } = props;
  const words = useWords();
  const a = words.askBacks;
  const now = useNow();
  const sentence = useRef<HTMLTextAreaElement>(null);
  /* Another kind is another sentence, ready to be changed at its end. */
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change of kind moves the focus
  useEffect(() => {
    const area = sentence.current;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }, [draft.kind]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || isInputMethod(event.nativeEvent)) return;
    event.preventDefault();
    onSend();
  };
  const until = (minutes: number): string =>
    whenText(new Date(now.getTime() + minutes * 60_000), now, words.time);
  return (
    <div className="stack">
      <Textarea
        ref={sentence}
        label={a.sentence}
        description={a.sentenceLead}
        autosize
        minRows={3}
        maxLength={1000}
        value={draft.sentence}
        onChange={(event) => onChange({ sentence: event.currentTarget.value })}
        onKeyDown={onKeyDown}
      />
      <Textarea
        label={a.options}
        description={a.optionsLead}
        autosize
        minRows={2}
        maxRows={6}
        value={draft.options}
        onChange={(event) => onChange({ options: event.currentTarget.value })}
      />
      <div className="ask-terms">
        <NativeSelect
          label={a.addressee}
          value={draft.addressee}
          data={asked.addressees.map(({ code, label }) => ({ value: code, label }))}
          onChange={(event) => onChange({ addressee: event.currentTarget.value })}
        />
        <NativeSelect
          label={a.due}
          value={String(draft.dueMinutes)}
          data={asked.due_choices.map((minutes) => ({
            value: String(minutes),
            label: a.dueChoice(lengthOf(minutes, words), until(minutes)),
          }))}
          onChange={(event) => onChange({ dueMinutes: Number(event.currentTarget.value) })}
        />
      </div>
    </div>
  );
}

/** A number chooses a kind from the moment the dialog stands, wherever the focus still is. */
function useNumbers(kinds: readonly AskKind[], choose: (kind: AskKind) => void): void {
  const latest = useRef({ kinds, choose });
  latest.current = { kinds, choose };
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (isInputMethod(event) || isTypingPlace(event.target)) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const kind = kindAt(event.key, latest.current.kinds);
      if (!kind) return;
      event.preventDefault();
      latest.current.choose(kind);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/** Asks once, however often Enter is pressed, and says what the hub refused. */
function useSending(asking: Asking, onSent: () => void) {
  const a = useWords().askBacks;
  const isUnderWay = useRef(false);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const send = async (draft: DraftQuestion): Promise<void> => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setBusy(true);
    setError(null);
    try {
      await askBacks.ask(asking, questionOf(draft));
      tell(a.sent);
      onSent();
    } catch (fault) {
      setError(fault);
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
    await refreshAskBacks();
  };
  return { error, isBusy, send };
}

/** A question to the facility: a number, a look at the sentence, Enter. What was written stays when it is closed. */
export function AskDialog(props: {
  asking: Asking;
  asked: AskBacks;
  patient: PatientOut;
  facility: string;
  draft: DraftQuestion | null;
  onDraft: (draft: DraftQuestion | null) => void;
  onClose: () => void;
}) {
  const { asked, draft, onDraft, onClose } = props;
  const words = useWords();
  const a = words.askBacks;
  const { error, isBusy, send } = useSending(props.asking, () => {
    onDraft(null);
    onClose();
  });
  const open = openKinds(asked);
  const choose = (kind: AskKind): void => {
    if (!open.has(kind.code) && kind.code !== draft?.kind) onDraft(draftOf(kind, asked));
  };
  useNumbers(asked.kinds, choose);
  const mayNot = !draft ? a.noKind : draft.sentence.trim() ? '' : a.noSentence;
  const ask = (): void => {
    if (draft && !mayNot) void send(draft);
  };
  return (
    <Modal opened onClose={onClose} title={a.askTitle} size="xl" closeOnClickOutside={false}>
      <div className="stack ask-dialog">
        <PatientFacts patient={props.patient} facility={props.facility} />
        <p className="muted">{a.askLead(props.facility)}</p>
        <div className="ask-columns">
          <Kinds asked={asked} chosen={draft?.kind ?? ''} onChoose={choose} />
          {draft && (
            <Wording
              asked={asked}
              draft={draft}
              onChange={(change) => onDraft({ ...draft, ...change })}
              onSend={ask}
            />
          )}
        </div>
        {error !== null && <Trouble error={error} />}
        <Group justify="flex-end">
          <span className="muted" role="status">
            {mayNot}
          </span>
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button variant="filled" loading={isBusy} disabled={mayNot !== ''} onClick={ask}>
            {a.send}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}
