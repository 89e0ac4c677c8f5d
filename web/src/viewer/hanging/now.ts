/** What hangs now and why; plain values, so that every part of the screen can say so. */
import type { HangingPane } from '@/api/contract';
import type { Fit } from './choose';
import type { Reason } from './select';

export interface HangingNow {
  /** Every protocol that fits the study, the best first. */
  fits: readonly Fit[];
  /** Which of them hangs; -1 for none of them: as the program hangs what fits no protocol. */
  at: number;
  stage: number;
  /** The descriptions it needs have come, and it hangs. */
  isHung: boolean;
  /** By pane: what hangs there and why. A stack the reader put there himself has no reason. */
  reasons: readonly ({ setId: string; reason: Reason } | null)[];
  /** By pane: what was wanted where nothing was found. */
  wanted: readonly (HangingPane | null)[];
}

export const protocolAt = (now: HangingNow | null): Fit | null =>
  now && now.at >= 0 ? (now.fits[now.at] ?? null) : null;
