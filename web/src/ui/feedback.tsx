import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { Problem } from '@/api/problem';
import { useWords, type Words, words as wordsNow } from '@/words';
import { createStore, useStore } from './store';

interface Toast {
  id: number;
  text: string;
  isTrouble: boolean;
}

const toasts = createStore<{ items: readonly Toast[] }>({ items: [] });
let last = 0;

const drop = (id: number): void =>
  toasts.set(({ items }) => ({ items: items.filter((item) => item.id !== id) }));

function toast(text: string, isTrouble: boolean): void {
  last += 1;
  const id = last;
  toasts.set(({ items }) => ({
    items: [...items.filter((item) => item.text !== text).slice(-3), { id, text, isTrouble }],
  }));
  /* Good news leaves by itself; trouble stays until somebody has read it. */
  if (!isTrouble) setTimeout(() => drop(id), 4500);
}

export const tell = (text: string): void => toast(text, false);

export function problemText(error: unknown, words: Words): string {
  if (!(error instanceof Problem)) return words.problems.unknown;
  if (error.code === 'auth.elevation_declined') return words.problems.declined;
  if (error.isPassing) return error.message || words.problems.line;
  return error.message || words.problems.unknown;
}

export const tellProblem = (error: unknown): void => toast(problemText(error, wordsNow()), true);

export function Toasts() {
  const items = useStore(toasts, (state) => state.items);
  const words = useWords();
  return (
    <div className="toasts no-print" role="status" aria-live="polite">
      {items.map((item) => (
        <div key={item.id} className={item.isTrouble ? 'toast trouble-toast' : 'toast'}>
          <p>{item.text}</p>
          <Button variant="subtle" size="compact-xs" onClick={() => drop(item.id)}>
            {words.common.close}
          </Button>
        </div>
      ))}
    </div>
  );
}

export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const words = useWords();
  return (
    <div className="trouble" role="alert">
      <div>
        <div>{problemText(error, words)}</div>
        {error instanceof Problem && error.code !== 'line.down' && <code>{error.code}</code>}
      </div>
      {onRetry && <Button onClick={onRetry}>{words.common.retry}</Button>}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
    </div>
  );
}

/** Appears only when waiting has lasted long enough to be noticed. */
export function Skeleton({ rows = 6, label }: { rows?: number; label?: string }) {
  const words = useWords();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return null;
  return (
    <div aria-busy="true">
      <span className="sr">{label ?? words.common.loading}</span>
      {Array.from({ length: rows }, (_, row) => `row-${row}`).map((key) => (
        <div key={key} className="skeleton" />
      ))}
    </div>
  );
}
