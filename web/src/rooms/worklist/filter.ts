import type { ReadingRow } from '@/api/contract';
import type { Words } from '@/words';

/** Full-width and half-width, katakana and hiragana, upper and lower case are the same to somebody who is searching. */
export function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[ァ-ヶ]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x60));
}

/** Everything in a row that one might type to find it. */
export function searchable(row: ReadingRow, words: Words): string {
  const { patient, facility } = row;
  return plain(
    [
      words.urgency[row.urgency],
      row.modality,
      row.body_part,
      row.exam_description,
      patient.name_kanji,
      patient.name_kana,
      patient.name_romaji,
      patient.patient_id,
      facility.name,
      facility.code,
      words.worklist.states[row.state],
      ...row.waits_for.map(({ label }) => label),
      row.reader?.name ?? '',
      row.question,
    ].join(' '),
  );
}

/** Every typed word must occur somewhere in the row. */
export function matching(rows: readonly ReadingRow[], query: string, words: Words): ReadingRow[] {
  const wanted = plain(query).split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const text = searchable(row, words);
    return wanted.every((word) => text.includes(word));
  });
}
