/** Letters at the edges of the picture: which way the patient lies in it. */
import { opposite, type Vector } from './vectors';

const AXES = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
] as const;

const SMALLEST_SHARE = 0.2;

/**
 * Up to two letters for a direction in patient coordinates, the strongest axis first; shares under 0.2 (about 11°) are left out.
 * `directionLetters([-0.9, 0.43, 0])` is `RP`: mainly to the right, somewhat to the back.
 */
export function directionLetters(direction: Vector): string {
  return direction
    .map((share, axis) => ({ share, letters: AXES[axis] ?? AXES[0] }))
    .filter(({ share }) => Math.abs(share) >= SMALLEST_SHARE)
    .sort((a, b) => Math.abs(b.share) - Math.abs(a.share))
    .slice(0, 2)
    .map(({ share, letters }) => (share > 0 ? letters[0] : letters[1]))
    .join('');
}

export interface EdgeLetters {
  top: string;
  bottom: string;
  left: string;
  right: string;
}

export interface PictureTurn {
  /** Clockwise, in quarter turns of the screen. */
  rotationDeg: number;
  flipHorizontal: boolean;
  flipVertical: boolean;
}

/** `row` points to the right of the stored picture, `column` down it. The turn is what the screen did to it: flips first, then rotation. */
export function edgeLetters(
  row: Vector | null,
  column: Vector | null,
  turn: PictureTurn,
): EdgeLetters | null {
  if (!row || !column) return null;
  let right = turn.flipHorizontal ? opposite(row) : row;
  let down = turn.flipVertical ? opposite(column) : column;
  const quarters = ((Math.round(turn.rotationDeg / 90) % 4) + 4) % 4;
  if (Math.abs(turn.rotationDeg - Math.round(turn.rotationDeg / 90) * 90) > 1) return null;
  for (let i = 0; i < quarters; i += 1) [right, down] = [opposite(down), right];
  return {
    right: directionLetters(right),
    left: directionLetters(opposite(right)),
    bottom: directionLetters(down),
    top: directionLetters(opposite(down)),
  };
}
