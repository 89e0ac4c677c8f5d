/** How many images of a study are here, of how many, and who said so. */
import type { StudyOut } from '@/api/contract';
import type { Words } from '@/words/ja';
import { fullText, jst } from './time';

type Counted = Pick<StudyOut, 'instance_count' | 'expected_count' | 'expected_from'>;

/** 412 / 600枚 · 600枚 when all are here or nobody said how many there are. */
export function countText(study: Counted, words: Words): string {
  const { expected_count: expected, instance_count: arrived } = study;
  return expected !== null && expected !== arrived
    ? words.common.imagesOf(arrived, expected)
    : words.common.images(arrived);
}

/** PACS照会 02:13; nothing when nobody said how many there are. */
export const sourceText = ({ expected_from: from }: Counted, words: Words): string =>
  from ? `${words.common.countedBy[from.source]} ${jst(new Date(from.at)).hhmm}` : '';

/** Who said it, what, and when, for a tooltip. */
export function sourceTitle(
  { expected_count: expected, expected_from: from }: Counted,
  words: Words,
): string {
  if (expected === null || !from) return '';
  const what = words.common.countedBy[from.source];
  return words.common.countedTitle(what, from.by, fullText(from.at), expected);
}
