import { useBlocker } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Completeness, RequestIn, RequestOut } from '@/api/contract';
import { requests } from '@/api/hub';
import { isProblem } from '@/api/problem';
import { contentOf } from './blank';

export type DraftState = 'saved' | 'dirty' | 'saving' | 'failed' | 'conflict';

const QUIET_MS = 700;

/** A draft request that saves itself; the score comes back with every save, from the hub. */
export function useRequestDraft(first: RequestOut) {
  const [content, setContent] = useState<RequestIn>(() => contentOf(first));
  const [state, setState] = useState<DraftState>('saved');
  const [error, setError] = useState<unknown>(null);
  const [savedAt, setSavedAt] = useState<string>(first.saved_at);
  const [completeness, setCompleteness] = useState<Completeness>(first.completeness);
  const [missingToSend, setMissingToSend] = useState(first.missing_to_send ?? []);
  const latest = useRef(content);
  const saved = useRef(content);
  const revision = useRef(first.revision);
  const flight = useRef<Promise<boolean> | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const id = first.id;

  const attempt = useCallback(async (): Promise<boolean> => {
    const sending = latest.current;
    setState('saving');
    try {
      const answer = await requests.save(id, sending, revision.current);
      revision.current = answer.revision;
      saved.current = sending;
      setSavedAt(answer.saved_at);
      setCompleteness(answer.completeness);
      setMissingToSend(answer.missing_to_send ?? []);
      setError(null);
      setState(latest.current === sending ? 'saved' : 'dirty');
      return latest.current === sending;
    } catch (fault) {
      setError(fault);
      setState(isProblem(fault) && fault.status === 409 ? 'conflict' : 'failed');
      return false;
    }
  }, [id]);

  const flush = useCallback(async (): Promise<boolean> => {
    clearTimeout(timer.current);
    while (flight.current) await flight.current;
    if (latest.current === saved.current) return true;
    flight.current = attempt().finally(() => {
      flight.current = null;
    });
    return await flight.current;
  }, [attempt]);

  const change = (part: Partial<RequestIn>): void => {
    latest.current = { ...latest.current, ...part };
    setContent(latest.current);
    setState((now) => (now === 'conflict' ? now : 'dirty'));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void flush(), QUIET_MS);
  };

  useEffect(() => () => clearTimeout(timer.current), []);
  useBlocker({
    enableBeforeUnload: () => latest.current !== saved.current,
    shouldBlockFn: async () => !(await flush()),
  });

  return { content, change, flush, state, error, savedAt, completeness, missingToSend };
}

export type RequestDraft = ReturnType<typeof useRequestDraft>;

/** What a form needs of whatever it writes into. */
export type RequestWriting = Pick<RequestDraft, 'content' | 'change'>;
