/** Changes of a table of relevance, without the screen. */
export const LIKENESSES = ['same', 'related', 'other', 'unknown'] as const;

/** The same rows, the one at this place a step up or down. */
export function moved<Row>(rows: readonly Row[], at: number, step: -1 | 1): Row[] {
  const found = [...rows];
  const [row] = found.splice(at, 1);
  if (row !== undefined) found.splice(at + step, 0, row);
  return found;
}

/** A code no tier has yet: letters and underscores, as the hub keeps them. */
export function freshCode(tiers: readonly { code: string }[]): string {
  const known = new Set(tiers.map(({ code }) => code));
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  return [...letters].map((letter) => `added_${letter}`).find((code) => !known.has(code)) ?? 'added';
}

/** Groups of modalities, one a line; what says nothing is left out. */
export const groupsIn = (text: string): string[][] =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .split('\n')
    .map((line) => line.split(/[\s,、]+/).filter(Boolean))
    .filter((group) => group.length > 0);
