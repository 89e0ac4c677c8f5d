import { expect, it } from 'vitest';
import { en } from '@/words/en';
import { ja } from '@/words/ja';
import type { Measured } from '../model/marks';
import { markLines, reportText } from './markText';

const nothing: Measured = {
  basis: 'body',
  unit: 'mm',
  lengths: [],
  perimeter: null,
  area: null,
  angleDeg: null,
  isCrossing: false,
  statistics: null,
  value: null,
  valueUnit: '',
  noValues: null,
  isLossy: false,
};
const statistics = { mean: -712.34, sd: 3.21, min: -1024, max: 12, count: 57 };

it.each<[string, Parameters<typeof markLines>[0], Partial<Measured>, string[]]>([
  ['a length in the body', 'length', { lengths: [12.34] }, ['12.3 mm']],
  ['two diameters', 'bidirectional', { lengths: [12.34, 5] }, ['12.3 mm × 5.0 mm']],
  ['an estimate', 'length', { lengths: [5], basis: 'estimate' }, ['5.0 mm', '推定値']],
  ['at the detector', 'length', { lengths: [5], basis: 'detector' }, ['5.0 mm', '検出器面上（推定値）']],
  [
    'across regions',
    'length',
    { lengths: [5], unit: 'px', basis: 'outside' },
    ['5 px', '校正された領域の外'],
  ],
  ['no calibration', 'length', { lengths: [5], unit: 'px', basis: 'none' }, ['5 px']],
  ['a lossy image', 'length', { lengths: [5], isLossy: true }, ['5.0 mm', '非可逆圧縮']],
  ['an angle', 'angle', { angleDeg: 12.34, basis: 'estimate' }, ['12.3°']],
  ['no angle', 'cobb', {}, ['角度を出せません']],
  [
    'a region',
    'ellipse',
    { area: 20, statistics, valueUnit: 'HU' },
    ['面積 20.0 mm²', '平均 -712.3  SD 3.21 HU', '最小 -1024  最大 12 HU', '57 画素'],
  ],
  [
    'values without a unit',
    'ellipse',
    { statistics },
    ['平均 -712.3  SD 3.21', '最小 -1024  最大 12', '57 画素'],
  ],
  ['no values', 'ellipse', { noValues: 'colour' }, ['カラー画像: 画素値なし']],
  ['a pixel', 'probe', { value: -3, valueUnit: 'HU' }, ['-3 HU']],
])('%s', (_, kind, change, wanted) => {
  expect(markLines(kind, { ...nothing, ...change }, ja)).toEqual(wanted);
});

it('says why there is no number at all, in either language', () => {
  expect(markLines('length', null, ja)).toEqual(['全画素がそろっていないため計測できません。']);
  expect(markLines('length', null, en)).toEqual(['Not all pixels are here, so nothing can be measured.']);
  expect(markLines('arrow', null, ja)).toEqual([]);
});

it.each<[string, Parameters<typeof markLines>[0], Partial<Measured>, string]>([
  ['a length', 'length', { lengths: [12.34] }, '12.3 mm'],
  ['two diameters', 'bidirectional', { lengths: [12.34, 5] }, '長径 12.3 mm × 短径 5.0 mm'],
  ['an estimate says so', 'length', { lengths: [5], basis: 'estimate' }, '5.0 mm（推定値）'],
  ['pixels stay pixels', 'length', { lengths: [5], unit: 'px', basis: 'none' }, '5 px'],
  ['a Cobb angle', 'cobb', { angleDeg: 12.3 }, 'Cobb角 12.3°'],
  ['a region', 'ellipse', { area: 120, statistics, valueUnit: 'HU' }, '面積 120 mm²、平均 -712.3 SD 3.21 HU'],
  ['an outline that crosses itself says nothing', 'freehand', { isCrossing: true, perimeter: 9 }, ''],
])('stands in a report: %s', (_, kind, part, text) => {
  expect(reportText(kind, { ...nothing, ...part }, ja)).toBe(text);
});

it('an image that is not here in full gives a report no words', () => {
  expect(reportText('length', null, ja)).toBe('');
});
