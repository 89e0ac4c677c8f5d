/** Comparing words with what modalities write: wide and narrow letters, kana of half width, no case, no underscores. */

export const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[_\s]+/g, ' ')
    .trim();

const LATIN = /^[\x20-\x7E]+$/;
const IS_LETTER = /[A-Z0-9]/;
const SHORT = 3;

/**
 * Whether a word stands in a text. Japanese has no gaps between words, so it may stand anywhere. A Latin word begins where no letter
 * stands before it; a short one (`T1`, `CE`) also ends there, but for the W or WI of a weighting (`T2WI`).
 */
export function hasWord(text: string, word: string): boolean {
  const [where, what] = [plain(text), plain(word)];
  if (!what) return false;
  if (!LATIN.test(what)) return where.includes(what);
  for (let at = where.indexOf(what); at >= 0; at = where.indexOf(what, at + 1)) {
    const before = where[at - 1] ?? '';
    if (IS_LETTER.test(before) && IS_LETTER.test(what[0] ?? '')) continue;
    if (what.length > SHORT || !IS_LETTER.test(where[at + what.length] ?? '')) return true;
    if (/^WI?(?![A-Z0-9])/.test(where.slice(at + what.length))) return true;
  }
  return false;
}

export const hits = (text: string, words: readonly string[]): number =>
  words.filter((word) => hasWord(text, word)).length;
