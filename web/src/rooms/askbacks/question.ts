/** A question while it is being written. */
import type { AskBacks, AskKind, Question } from '@/api/contract';

export interface DraftQuestion {
  kind: string;
  sentence: string;
  options: string;
  addressee: string;
  dueMinutes: number;
}

export const draftOf = (kind: AskKind, { due_minutes }: AskBacks): DraftQuestion => ({
  kind: kind.code,
  sentence: kind.sentence,
  options: kind.options.join('\n'),
  addressee: kind.addressee,
  dueMinutes: due_minutes,
});

/** Options as they are offered: one a line, no blanks, none twice. */
export const optionsOf = (text: string): string[] => [
  ...new Set(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  ),
];

export const questionOf = (draft: DraftQuestion): Question => ({
  kind: draft.kind,
  sentence: draft.sentence.trim(),
  options: optionsOf(draft.options),
  addressee: draft.addressee,
  due_minutes: draft.dueMinutes,
});

/** The kind a number key means: 1 is the first. */
export function kindAt<Kind>(key: string, kinds: readonly Kind[]): Kind | undefined {
  return /^[1-9]$/.test(key) ? kinds[Number(key) - 1] : undefined;
}

/** Kinds that wait for an answer already; the hub refuses a second one. */
export const openKinds = ({ items }: AskBacks): ReadonlySet<string> =>
  new Set(items.filter(({ state }) => state === 'asked').map(({ kind }) => kind));
