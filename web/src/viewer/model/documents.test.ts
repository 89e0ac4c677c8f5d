import { expect, it } from 'vitest';
import { onlyPart } from '../engine/bulk';
import { aFrame } from './builders';
import { usualClip } from './cine';
import { documentOf } from './documents';
import type { DicomJson } from './metadata';
import { reportOf, reportState } from './sr';
import { displaySetsOf } from './stacks';

const one = (...Value: unknown[]) => ({ vr: 'LO', Value });
const sq = (...Value: DicomJson[]) => ({ vr: 'SQ', Value });
const named = (name: string): DicomJson => ({ '0040A043': sq({ '00080104': one(name) }) });

it.each([
  ['1.2.840.10008.5.1.4.1.1.104.1', 'pdf'],
  ['1.2.840.10008.5.1.4.1.1.9.1.1', 'ecg'],
  ['1.2.840.10008.5.1.4.1.1.88.33', 'sr'],
  ['1.2.840.10008.5.1.4.1.1.88.59', undefined],
  ['1.2.840.10008.5.1.4.1.1.104.3', undefined],
])('%s is read as %s', (sopClass, kind) => {
  expect(documentOf({ '00080016': one(sopClass), '00080018': one('1.2') }, '/s')?.kind).toBe(kind);
});

it('a report is the tree of its words, and what cannot be read is named', () => {
  const tree = reportOf({
    '0040A040': one('CONTAINER'),
    ...named('Report'),
    '0040A730': sq(
      { '0040A040': one('TEXT'), ...named('Finding'), '0040A160': one('None') },
      {
        '0040A040': one('NUM'),
        ...named('Length'),
        '0040A300': sq({ '0040A30A': one('12.5'), '004008EA': sq({ '00080100': one('mm') }) }),
      },
      { '0040A040': one('DATE'), ...named('On'), '0040A121': one('20240131') },
      { '0040A040': one('TABLE'), ...named('Other') },
    ),
  });
  expect(tree.items.map(({ name, value }) => [name, value])).toEqual([
    ['Finding', 'None'],
    ['Length', '12.5 mm'],
    ['On', '2024-01-31'],
    ['Other', 'TABLE'],
  ]);
});

it('a tree without a bottom ends, and a draft is no report', () => {
  const endless: DicomJson = { '0040A040': one('CONTAINER') };
  endless['0040A730'] = sq(endless);
  expect(JSON.stringify(reportOf(endless)).length).toBeLessThan(5000);
  expect(reportState({ '0040A491': one('PARTIAL') })).toEqual({ isComplete: false, isVerified: false });
});

it('clips of one series are stacks of their own, its single pictures stay together', () => {
  const clip = usualClip(2);
  const flat = { position: null, row: null, column: null };
  const frames = [
    aFrame({ ...flat, instanceNumber: 1 }),
    ...[1, 2].map((frameNumber) => aFrame({ ...flat, instanceNumber: 2, frameNumber, clip })),
    aFrame({ ...flat, instanceNumber: 3 }),
    ...[1, 2].map((frameNumber) => aFrame({ ...flat, instanceNumber: 4, frameNumber, clip })),
  ];
  const sets = displaySetsOf(frames, 's', 't').map((set) => set.frames.map((frame) => frame.sopInstanceUid));
  expect(sets).toEqual([
    ['1.2.1', '1.2.3'],
    ['1.2.2', '1.2.2'],
    ['1.2.4', '1.2.4'],
  ]);
});

it('takes the only part out of an answer, and nothing out of half of one', () => {
  const answer = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
  const whole = answer('--b\r\nContent-Type: x\r\n\r\nab\r\n\r\nc\r\n--b--\r\n');
  const type = 'multipart/related; boundary=b';
  expect(new TextDecoder().decode(onlyPart(whole, type))).toBe('ab\r\n\r\nc');
  expect(() => onlyPart(whole.slice(0, 30), type)).toThrow();
});
