/** What hangs now and why; plain values, so that every part of the screen can say so. */
import type { HangingPane } from '@/api/contract';
import type { Fit } from './choose';
import { type Part, type Scene, type Seat, scenesOf } from './scenes';
import type { Reason } from './select';

export interface HangingNow {
  /** Every protocol that fits the study, the best first. */
  fits: readonly Fit[];
  /** Which of them hangs; -1 for none of them: as the program hangs what fits no protocol. */
  at: number;
  /** Of the scenes the protocol makes of the screens it was hung for. */
  scene: number;
  /** The screens it was hung for, and which of them this window is. */
  seat: Seat;
  /** How many screens there are now; what hangs stays when that changes, until the reader hangs anew. */
  screens: number;
  /** The reader chose the protocol; a better fit for other screens does not replace it. */
  isChosen: boolean;
  /** The descriptions it needs have come, and it hangs. */
  isHung: boolean;
  /** By pane: what hangs there and why. A stack the reader put there himself has no reason. */
  reasons: readonly ({ setId: string; reason: Reason } | null)[];
  /** By pane: what was wanted where nothing was found. */
  wanted: readonly (HangingPane | null)[];
}

export const protocolAt = (now: HangingNow | null): Fit | null =>
  now && now.at >= 0 ? (now.fits[now.at] ?? null) : null;

export const scenesNow = (now: HangingNow | null): Scene[] => {
  const fit = protocolAt(now);
  return fit && now ? scenesOf(fit.protocol.stages, now.seat.screens) : [];
};

/** What is asked of this window; null when nothing is. */
export const partNow = (now: HangingNow | null): Part | null =>
  now ? (scenesNow(now)[now.scene]?.[now.seat.place] ?? null) : null;

/** A window has opened or closed since: what hangs is for other screens than there are. */
export const isForOtherScreens = (now: HangingNow | null): boolean =>
  now?.isHung === true && now.seat.screens !== now.screens;
