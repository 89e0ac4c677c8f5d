/** Structured reports as a tree of lines (PS3.3 C.17.3). Nothing is interpreted: a concept's name and what stands for it. */
import { type DicomJson, sequence, text } from './metadata';

export interface ReportItem {
  name: string;
  value: string;
  items: readonly ReportItem[];
}

const CODE_MEANING = '00080104';
/** A hostile tree may have no bottom. */
const DEEPEST = 24;

const meaning = (json: DicomJson | undefined, tag: string): string =>
  text(sequence(json, tag)[0], CODE_MEANING);

function personName(json: DicomJson): string {
  const name = json['0040A123']?.Value?.[0] as { Alphabetic?: string; Ideographic?: string } | undefined;
  return (name?.Ideographic ?? name?.Alphabetic ?? '').replaceAll('^', ' ').trim();
}

/** 20240131 as 2024-01-31, 143005 as 14:30:05; anything else as it is written. */
const date = (da: string): string => da.replace(/^(\d{4})(\d{2})(\d{2})/, '$1-$2-$3');
const time = (tm: string): string =>
  tm.replace(/^(\d{2})(\d{2})(\d{2})?.*/, (_, h, m, s) => [h, m, s].filter(Boolean).join(':'));

function measured(json: DicomJson): string {
  return sequence(json, '0040A300')
    .map((one) => {
      const unit = sequence(one, '004008EA')[0];
      const code = text(unit, '00080100');
      return `${text(one, '0040A30A')} ${code === '1' ? '' : code || text(unit, CODE_MEANING)}`.trim();
    })
    .join(', ');
}

const references = (json: DicomJson): string =>
  sequence(json, '00081199')
    .map((one) => `SOP ${text(one, '00081155')}`)
    .join(', ');

const VALUES: Record<string, (json: DicomJson) => string> = {
  TEXT: (json) => text(json, '0040A160'),
  CODE: (json) => meaning(json, '0040A168'),
  NUM: measured,
  PNAME: personName,
  DATE: (json) => date(text(json, '0040A121')),
  TIME: (json) => time(text(json, '0040A122')),
  DATETIME: (json) => {
    const dt = text(json, '0040A120');
    return `${date(dt.slice(0, 8))} ${time(dt.slice(8))}`.trim();
  },
  UIDREF: (json) => text(json, '0040A124'),
  IMAGE: references,
  COMPOSITE: references,
  WAVEFORM: references,
  SCOORD: (json) => text(json, '00700023'),
  SCOORD3D: (json) => text(json, '00700023'),
  TCOORD: (json) => text(json, '0040A130'),
  CONTAINER: () => '',
};

/** The kind of an item nobody here can read is named: nothing is left out silently. */
function itemOf(json: DicomJson, depth: number): ReportItem {
  const kind = text(json, '0040A040');
  const isReference = json['0040DB73'] !== undefined;
  const value = VALUES[kind]?.(json) ?? (isReference ? '→' : kind);
  const items = depth < DEEPEST ? sequence(json, '0040A730').map((one) => itemOf(one, depth + 1)) : [];
  return { name: meaning(json, '0040A043'), value, items };
}

export const reportOf = (json: DicomJson): ReportItem => itemOf(json, 0);

/** What a reader must know before the content: is it complete, has somebody vouched for it. */
export const reportState = (json: DicomJson) => ({
  isComplete: text(json, '0040A491') === 'COMPLETE',
  isVerified: text(json, '0040A493') === 'VERIFIED',
});
