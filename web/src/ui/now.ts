import { createStore, useStore } from './store';

/** The hub's clock, as far as we know it: deadlines must not depend on a laptop that is ten minutes off. */
const clock = createStore<{ offsetMs: number; tick: number }>({ offsetMs: 0, tick: Date.now() });

const TICK_MS = 10_000;
setInterval(() => clock.set({ tick: Date.now() }), TICK_MS);

export function trustHubClock(serverTime: string): void {
  const offsetMs = new Date(serverTime).getTime() - Date.now();
  if (Number.isFinite(offsetMs)) clock.set({ offsetMs, tick: Date.now() });
}

export const hubNow = (): Date => new Date(Date.now() + clock.get().offsetMs);

/** Re-renders every ten seconds, and always at the same value for everything on one screen. */
export function useNow(): Date {
  const at = useStore(clock, ({ offsetMs, tick }) => tick + offsetMs);
  return new Date(at);
}
