import { queries, refreshAfter } from '@/api/cache';
import type { LiveChange } from '@/api/contract';
import { createStore } from '@/ui/store';

export type LineState = 'up' | 'waiting' | 'down';

export const lineStore = createStore<{ line: LineState }>({ line: 'up' });

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** Doubling with a little chance in it, so that a restarted hub is not met by everybody at once. */
export const waitBeforeRetry = (attempt: number, chance = Math.random()): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.75 + chance / 2);

function parse(data: string): LiveChange | null {
  try {
    const change = JSON.parse(data) as Partial<LiveChange>;
    return typeof change.kind === 'string' && change.id !== undefined ? (change as LiveChange) : null;
  } catch {
    return null;
  }
}

/** Listens for changes until told to stop. After a gap everything shown is asked for again: events may have been missed. */
export function listen(): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let attempt = 0;
  let isFirst = true;

  const connect = (): void => {
    source = new EventSource('/api/v1/live');
    source.onopen = () => {
      attempt = 0;
      lineStore.set({ line: 'up' });
      if (!isFirst) void queries.invalidateQueries();
      isFirst = false;
    };
    source.addEventListener('change', (event) => {
      const change = parse((event as MessageEvent<string>).data);
      if (change) refreshAfter(change);
    });
    source.addEventListener('end', () => again('up'));
    source.onerror = () => again(attempt > 1 ? 'down' : 'waiting');
  };

  const again = (line: LineState): void => {
    source?.close();
    if (timer) return;
    lineStore.set({ line });
    timer = setTimeout(() => {
      timer = null;
      connect();
    }, waitBeforeRetry(attempt));
    attempt += 1;
  };

  connect();
  return () => {
    source?.close();
    if (timer) clearTimeout(timer);
  };
}
