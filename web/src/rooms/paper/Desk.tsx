import { Button } from '@mantine/core';
import { useState } from 'react';
import { queries } from '@/api/cache';
import type { PaperFields, PaperFull } from '@/api/contract';
import { papers } from '@/api/papers';
import { Problem } from '@/api/problem';
import { CommandButton } from '@/ui/CommandButton';
import { type Command, useCommands } from '@/ui/commands';
import { confirm } from '@/ui/confirm';
import { tell, tellProblem } from '@/ui/feedback';
import { useWords } from '@/words';
import { Candidates, usePutAway } from './acts';
import { BLANK, FieldRow, isAnswered } from './FieldRow';
import { PageView } from './PageView';
import { usePaperDraft } from './usePaperDraft';

const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ['papers'] });

/** The page and the form side by side, for whoever has the paper in hand. */
export function Desk({ paper }: { paper: PaperFull }) {
  const words = useWords();
  const w = words.papers;
  const draft = usePaperDraft(paper);
  const [page, setPage] = useState(1);
  const [chosen, setChosen] = useState('');
  const putAway = usePutAway(paper);
  const names = Object.keys(w.fields);
  const isChecking = paper.state === 'checking';
  const { before } = paper;
  const entryOf = (field: string) => draft.fields[field] ?? BLANK;
  const isCorrected = (field: string): boolean => {
    const [one, other] = [before[field] ?? BLANK, entryOf(field)];
    return one.value.trim() !== other.value.trim() || one.answer !== other.answer;
  };
  const left = names.filter((field) => !isAnswered(entryOf(field)));
  const unticked = isChecking
    ? names.filter((field) => !isCorrected(field) && !draft.confirmed.includes(field))
    : [];
  const places = names.flatMap((field) => {
    const { box, page: on } = entryOf(field);
    return box && on === page ? [{ field, box, isChosen: field === chosen }] : [];
  });
  const focus = (field: string): void => {
    setChosen(field);
    const { page: on } = entryOf(field);
    if (on) setPage(on);
  };
  const attempt = async (act: () => Promise<unknown>): Promise<void> => {
    if (!(await draft.flush())) return;
    try {
      if ((await act()) !== null) tell(w.done);
    } catch (error) {
      tellProblem(error);
    }
    await refresh();
  };
  const restNotWritten = (): void => {
    const many: PaperFields = {};
    for (const field of names)
      if (entryOf(field).answer === '' && !entryOf(field).value)
        many[field] = { ...BLANK, answer: 'not_written' };
    draft.changeAll(many);
  };
  /** Where the request has ended meanwhile, the hub asks who was told of the correction. */
  const check = async (): Promise<unknown> => {
    const { fields, confirmed, revision } = draft.now();
    try {
      return await papers.confirm(paper.id, fields, [...confirmed], revision, '');
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'paper.closed_request') throw error;
      const reason = await confirm({
        title: w.closedRequest,
        body: error.message,
        confirm: w.confirmClosed,
        ask: words.common.reason,
      });
      return reason === null ? null : papers.confirm(paper.id, fields, [...confirmed], revision, reason);
    }
  };
  const finish = (): Promise<void> =>
    attempt(() => (isChecking ? check() : papers.submit(paper.id, draft.now().revision)));
  const may = (act: string): boolean => paper.acts.includes(act);
  const isEmergency = entryOf('urgency').value === 'emergency';
  const acts: Command[] = [
    {
      id: 'paper.finish',
      title: isChecking ? w.confirm : w.submit,
      keys: ['mod+shift+Enter'],
      when: () => left.length === 0 && unticked.length === 0,
      run: () => void finish(),
    },
    ...(may('send_now') && isEmergency
      ? [
          {
            id: 'paper.now',
            title: w.sendNow,
            run: () => void attempt(() => papers.sendNow(paper.id, draft.now().revision)),
          },
        ]
      : []),
    { id: 'paper.release', title: w.release, run: () => void attempt(() => papers.release(paper.id)) },
    ...putAway,
  ];
  useCommands(acts);
  return (
    <div className="paper-columns">
      <PageView
        paper={paper.id}
        pages={paper.pages}
        page={page}
        places={places}
        onPage={setPage}
        onBox={(box) => {
          if (!chosen) return;
          const one = entryOf(chosen);
          draft.change(chosen, { ...one, page, box });
          document.getElementById(`paper-${chosen}`)?.focus();
        }}
      />
      <section className="sheet paper-form" aria-label={w.form}>
        <Candidates paper={paper} />
        <p className="note">{w.drawLead}</p>
        {names.map((field, index) => (
          <FieldRow
            key={field}
            field={field}
            entry={entryOf(field)}
            page={page}
            before={before[field] ?? BLANK}
            isChecking={isChecking}
            isConfirmed={draft.confirmed.includes(field)}
            onChange={(entry) => draft.change(field, entry)}
            onConfirm={(isOn) => draft.tick([field], isOn)}
            onFocus={() => focus(field)}
            onNext={() => document.getElementById(`paper-${names[index + 1] ?? field}`)?.focus()}
          />
        ))}
        <div className="row paper-acts">
          {isChecking ? (
            <Button
              onClick={() =>
                draft.tick(
                  unticked.filter((field) => entryOf(field).answer === 'not_written'),
                  true,
                )
              }
            >
              {w.confirmNotWritten}
            </Button>
          ) : (
            <Button onClick={restNotWritten}>{w.restNotWritten}</Button>
          )}
          {acts.map((command) => (
            <CommandButton key={command.id} command={command} />
          ))}
          <span className="muted num" role="status" data-testid="paper-saved" data-state={draft.state}>
            {draft.state === 'lost' || draft.state === 'failed' ? w.lost : w[draft.state]}{' '}
            {left.length > 0 && w.left(left.length)} {unticked.length > 0 && w.unconfirmed(unticked.length)}
          </span>
          {(draft.state === 'lost' || draft.state === 'failed') && (
            <Button onClick={() => void (draft.state === 'failed' ? draft.flush() : refresh())}>
              {w.reload}
            </Button>
          )}
        </div>
      </section>
    </div>
  );
}
