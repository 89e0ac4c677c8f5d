/** Whether somebody is there. Pure: times are given, in milliseconds of the machine's clock. */

export interface IdleRule {
  /** Without input for so long nobody is there; 0 is never. */
  idleMs: number;
  /** So long before that the screen warns. */
  warnMs: number;
}

export type Presence = { state: 'here' } | { state: 'warned'; leftMs: number } | { state: 'away' };

export const WARN_MS = 30_000;

/** Of a very short time half is left to react in. */
export const ruleOf = (minutes: number): IdleRule => {
  const idleMs = minutes * 60_000;
  return { idleMs, warnMs: Math.min(WARN_MS, idleMs / 2) };
};

export function presenceAt(lastInput: number, now: number, { idleMs, warnMs }: IdleRule): Presence {
  if (idleMs <= 0) return { state: 'here' };
  const leftMs = lastInput + idleMs - now;
  if (leftMs <= 0) return { state: 'away' };
  return leftMs <= warnMs ? { state: 'warned', leftMs } : { state: 'here' };
}

/** Input in any window counts for all; what claims to come from the future counts as now, what is older changes nothing. */
export const heard = (lastInput: number, at: number, now: number): number =>
  Math.max(lastInput, Math.min(at, now));
