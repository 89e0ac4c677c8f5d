/** A protocol over the screens there are: scene by scene, what hangs on each. Pure. */
import type { HangingPane, HangingScreen, HangingStage } from '@/api/contract';
import { assign, type Hangable, isMet, type Placed } from './select';

export const SCREENS_MOST = 3;

/** How many windows show images of the case, and which of them this one is. */
export interface Seat {
  screens: number;
  place: number;
}

/** What hangs on one screen: a screen of a stage. */
export interface Part extends HangingScreen {
  stage: number;
  /** Which screen of its stage this is; not always the screen it hangs on. */
  share: number;
}

/** By screen. Nothing is asked of a screen without a part: what hangs there stays. */
export type Scene = readonly (Part | null)[];

/** The screens of a stage, the first one first. Here alone is it known that a stage without further ones is for one screen. */
export const sharesOf = ({ layout, panes, further }: HangingStage): HangingScreen[] => [
  { layout, panes },
  ...(further ?? []),
];

const screensOf = (stages: readonly HangingStage[]): number =>
  Math.max(1, ...stages.map((one) => sharesOf(one).length));

/** How many screens a protocol is drawn for. */
export const screensWanted = ({ stages }: { stages: readonly HangingStage[] }): number => screensOf(stages);

const inRows = <One>(all: readonly One[], length: number): One[][] =>
  Array.from({ length: Math.ceil(all.length / length) }, (_, row) =>
    all.slice(row * length, (row + 1) * length),
  );

/**
 * Stages for one screen stand side by side while there are screens for them; a stage for several has a scene of its own. What has no
 * screen follows as the next scene, so that nothing of a protocol is lost where there are fewer screens than it was drawn for.
 */
export function scenesOf(stages: readonly HangingStage[], screens: number): Scene[] {
  const parts = stages.map((one, stage) =>
    sharesOf(one).map(({ layout, panes }, share): Part => ({ layout, panes, stage, share })),
  );
  const groups: Part[][] = [];
  let single: Part[] | null = null;
  for (const shares of parts) {
    if (shares.length > 1) {
      single = null;
      groups.push(shares);
    } else if (single) single.push(...shares);
    else {
      single = [...shares];
      groups.push(single);
    }
  }
  return groups
    .flatMap((group) => inRows(group, screens))
    .map((row) => Array.from({ length: screens }, (_, at) => row[at] ?? null));
}

/** The scene a stage begins in. */
export const sceneWith = (scenes: readonly Scene[], stage: number): number =>
  Math.max(
    0,
    scenes.findIndex((scene) => scene.some((part) => part?.stage === stage)),
  );

const panesOf = (stage: HangingStage): HangingPane[] => sharesOf(stage).flatMap(({ panes }) => panes);

/** Where in its stage the panes of a part begin. */
const offsetOf = (stage: HangingStage, share: number): number =>
  sharesOf(stage)
    .slice(0, share)
    .reduce((sum, { panes }) => sum + panes.length, 0);

export interface Filled {
  placed: (Placed | null)[];
  /** Something hangs here, and something of the stage because it was asked for. */
  isMet: boolean;
}

/**
 * What hangs in the panes of one part. The whole stage is filled at once, in every window alike: no stack hangs on two screens, and
 * a prior finds its neighbour on another.
 */
export function fill(stages: readonly HangingStage[], part: Part, all: readonly Hangable[]): Filled {
  const stage = stages[part.stage];
  if (!stage) return { placed: [], isMet: false };
  const whole = { panes: panesOf(stage) };
  const placed = assign(whole, all, (pane) => counterpartOf(stage, pane));
  const from = offsetOf(stage, part.share);
  const own = placed.slice(from, from + part.panes.length).map((one) => one && seenFrom(one, stage, part));
  return { placed: own, isMet: isMet(whole, placed) && own.some(Boolean) };
}

/** The pane of the first screen in the place of this one of a further screen, where the screens are divided alike; else -1. */
function counterpartOf(stage: HangingStage, pane: number): number {
  const shares = sharesOf(stage);
  const [first] = shares;
  const share = shares.findIndex((_, at) => pane < offsetOf(stage, at + 1));
  const isAlike = share > 0 && shares[share]?.layout === first?.layout;
  return isAlike ? pane - offsetOf(stage, share) : -1;
}

/** A neighbour is named by its pane, and by its screen where that is another. */
function seenFrom(placed: Placed, stage: HangingStage, part: Part): Placed {
  const { reason } = placed;
  if (reason.kind !== 'like') return placed;
  const shares = sharesOf(stage);
  let of = reason.of;
  let share = 0;
  for (; share < shares.length - 1 && of >= (shares[share]?.panes.length ?? 0); share += 1)
    of -= shares[share]?.panes.length ?? 0;
  const screen = share === part.share ? undefined : share;
  return { ...placed, reason: { kind: 'like', of, ...(screen === undefined ? {} : { screen }) } };
}
