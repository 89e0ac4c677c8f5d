import type { Point } from './calibration';

/** Mirrored first (columns run the other way), then turned to the right. */
export interface Turn {
  rotationDeg: 0 | 90 | 180 | 270;
  isMirrored: boolean;
}

const ASLANT = 0.02;
const QUARTERS = [0, 90, 180, 270] as const;

/** Where a step to the right and a step down on screen lead in the stored picture, in columns and rows. */
export function stepsOf({ rotationDeg, isMirrored }: Turn): { right: Point; down: Point } {
  let right: Point = [isMirrored ? -1 : 1, 0];
  let down: Point = [0, 1];
  for (let i = 0; i < rotationDeg / 90; i += 1) [right, down] = [[0 - down[0], 0 - down[1]], right];
  return { right, down };
}

const along = (step: Point): Point | null => {
  const [across, downwards] = step.map(Math.abs) as [number, number];
  const large = Math.max(across, downwards);
  if (!(large > 0) || Math.min(across, downwards) > ASLANT * large) return null;
  return across > downwards ? [Math.sign(step[0]), 0] : [0, Math.sign(step[1])];
};

/** The turn that leads where these steps lead; null when the picture stands aslant. */
export function turnOf(right: Point, down: Point): Turn | null {
  const [x, y] = [along(right), along(down)];
  if (!x || !y) return null;
  for (const isMirrored of [false, true]) {
    for (const rotationDeg of QUARTERS) {
      const steps = stepsOf({ rotationDeg, isMirrored });
      const isSame = [steps.right, steps.down].every(
        (step, i) => step[0] === (i === 0 ? x : y)[0] && step[1] === (i === 0 ? x : y)[1],
      );
      if (isSame) return { rotationDeg, isMirrored };
    }
  }
  return null;
}

const quarters = (deg: number): Turn['rotationDeg'] => QUARTERS[(((deg / 90) % 4) + 4) % 4] ?? 0;

export const turnedRight = (turn: Turn): Turn => ({ ...turn, rotationDeg: quarters(turn.rotationDeg + 90) });

export const turnedLeft = (turn: Turn): Turn => ({ ...turn, rotationDeg: quarters(turn.rotationDeg - 90) });

/** As in a mirror beside what is on screen. */
export const mirroredAcross = (turn: Turn): Turn => ({
  rotationDeg: quarters(-turn.rotationDeg),
  isMirrored: !turn.isMirrored,
});

/** As in a mirror below what is on screen. */
export const mirroredDown = (turn: Turn): Turn => ({
  rotationDeg: quarters(180 - turn.rotationDeg),
  isMirrored: !turn.isMirrored,
});
