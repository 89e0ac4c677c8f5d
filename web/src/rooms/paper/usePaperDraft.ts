import { useEffect, useRef, useState } from 'react';
import type { PaperEntry, PaperFields, PaperFull } from '@/api/contract';
import { papers } from '@/api/papers';
import { isProblem } from '@/api/problem';

const QUIET_MS = 700;
const SIGN_OF_LIFE_MS = 5 * 60_000;

/** What is being written of a paper; it saves itself, and says when it could not. */
export function usePaperDraft(first: PaperFull) {
  const [fields, setFields] = useState<PaperFields>(first.fields);
  const [confirmed, setConfirmed] = useState<readonly string[]>(first.confirmed);
  const [state, setState] = useState<'saved' | 'unsaved' | 'saving' | 'lost' | 'failed'>('saved');
  const latest = useRef({ fields, confirmed });
  const saved = useRef(latest.current);
  const revision = useRef(first.revision);
  const flight = useRef<Promise<boolean> | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const { id } = first;

  const attempt = async (): Promise<boolean> => {
    const sending = latest.current;
    setState('saving');
    try {
      const answer = await papers.write(id, sending.fields, [...sending.confirmed], revision.current);
      revision.current = answer.revision;
      saved.current = sending;
      setState(latest.current === sending ? 'saved' : 'unsaved');
      return true;
    } catch (error) {
      setState(isProblem(error) && error.status === 409 ? 'lost' : 'failed');
      return false;
    }
  };
  const flush = async (): Promise<boolean> => {
    clearTimeout(timer.current);
    while (flight.current) await flight.current;
    if (latest.current === saved.current) return true;
    flight.current = attempt().finally(() => {
      flight.current = null;
    });
    return await flight.current;
  };
  const keep = (next: typeof latest.current): void => {
    latest.current = next;
    setFields(next.fields);
    setConfirmed(next.confirmed);
    setState((now) => (now === 'lost' ? now : 'unsaved'));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void flush(), QUIET_MS);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: one sign of life for as long as the paper is on the screen
  useEffect(() => {
    const alive = setInterval(() => void papers.renew(id).catch(() => setState('lost')), SIGN_OF_LIFE_MS);
    return () => {
      clearInterval(alive);
      void flush();
    };
  }, [id]);

  return {
    fields,
    confirmed,
    state,
    flush,
    now: () => ({ ...latest.current, revision: revision.current }),
    change: (field: string, entry: PaperEntry) =>
      keep({
        fields: { ...latest.current.fields, [field]: entry },
        confirmed: latest.current.confirmed.filter((one) => one !== field),
      }),
    changeAll: (many: PaperFields) =>
      keep({ ...latest.current, fields: { ...latest.current.fields, ...many } }),
    tick: (names: readonly string[], isOn: boolean) =>
      keep({
        ...latest.current,
        confirmed: [
          ...latest.current.confirmed.filter((one) => !names.includes(one)),
          ...(isOn ? names : []),
        ],
      }),
  };
}

export type PaperDraft = ReturnType<typeof usePaperDraft>;
