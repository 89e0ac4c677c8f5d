import { expect, it } from 'vitest';
import { decodedSamples, ecgGroups, leadName, pathOf, tracesOf } from './ecg';
import type { DicomJson } from './metadata';

const one = (...Value: unknown[]) => ({ vr: 'DS', Value });
const sq = (...Value: DicomJson[]) => ({ vr: 'SQ', Value });
const lead = (name: string, change: DicomJson = {}): DicomJson => ({
  '003A0208': sq({ '00080104': one(name) }),
  '003A0210': one(1.25),
  '003A0211': sq({ '00080100': one('uV') }),
  '003A0212': one(2),
  '003A0213': one(100),
  ...change,
});
const group = (leads: DicomJson[], change: DicomJson = {}): DicomJson => ({
  '54000100': sq({
    '003A0005': one(leads.length),
    '003A0010': one(2),
    '003A001A': one(500),
    '003A0200': sq(...leads),
    '54001004': one(16),
    '54001006': one('SS'),
    '54001010': { vr: 'OW', BulkDataURI: '/w' },
    ...change,
  }),
});
const bytes = new Uint8Array(Int16Array.from([400, -400, 0, 800]).buffer);

it('is millivolts: sensitivity, correction, baseline and unit', () => {
  const [found] = ecgGroups(group([lead('Lead I (Einthoven)'), lead('Lead V1')]));
  const traces = found && tracesOf(found, bytes);
  expect(found?.leads.map(({ name }) => name)).toEqual(['I', 'V1']);
  expect(traces?.map((trace) => [...trace].map((mv) => Math.round(mv * 1000)))).toEqual([
    [1100, 100],
    [-900, 2100],
  ]);
});

it.each([
  ['no unit', group([lead('I', { '003A0211': sq() })])],
  ['a unit that is no voltage', group([lead('I', { '003A0211': sq({ '00080100': one('mm[Hg]') }) })])],
  ['no sensitivity', group([lead('I', { '003A0210': { vr: 'DS' } })])],
  ['coded samples', group([lead('I')], { '54001006': one('AB'), '54001004': one(8) })],
  ['fewer samples than promised', group([lead('I')], { '003A0010': one(99) })],
])('refuses %s', (_, json) => {
  const [found] = ecgGroups(json);
  expect(found && tracesOf(found, bytes)).toBeNull();
});

it('is nothing where channels and their descriptions disagree', () => {
  expect(ecgGroups(group([lead('I')], { '003A0005': one(12) }))).toEqual([]);
});

it('keeps gaps as gaps and draws 25 mm a second and 10 mm a millivolt', () => {
  expect(pathOf(Float32Array.from([0, 1, Number.NaN, -0.5]), 100, 0, 1)).toBe(
    'M0.00 0.00L0.25 -10.00M0.75 5.00',
  );
});

it('names leads as doctors do', () => {
  const names = ['Lead aVR, augmented voltage, right', 'AVL', 'Lead II', 'Lead V6', 'Lead III'];
  expect(names.map(leadName)).toEqual(['aVR', 'aVL', 'II', 'V6', 'III']);
  expect(leadName('Respiration')).toBe('Respiration');
});

it('reads samples of every plain width', () => {
  const all = Uint8Array.from([255, 255, 255, 127]);
  expect([...(decodedSamples(all, 8, 'SB') ?? [])]).toEqual([-1, -1, -1, 127]);
  expect([...(decodedSamples(all, 16, 'US') ?? [])]).toEqual([65535, 32767]);
  expect(decodedSamples(all, 8, 'SS')).toBeNull();
});
