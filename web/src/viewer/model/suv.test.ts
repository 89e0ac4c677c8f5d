import { expect, it } from 'vitest';
import type { DicomJson } from './metadata';
import { instantOfDateTime, secondsOf, suvOf } from './suv';

const one = (...Value: unknown[]) => ({ vr: 'LO', Value });
const drug = (change: DicomJson = {}): DicomJson => ({
  '00181072': one('141700.000'),
  '00181074': one('178340011.59668'),
  '00181075': one('6586.2'),
  ...change,
});
const pet = (change: DicomJson = {}, about: DicomJson = {}): DicomJson => ({
  '00080060': one('PT'),
  '00541001': one('BQML'),
  '00541102': one('START'),
  '00280051': one('NORM', 'ATTN', 'DECY'),
  '00101030': one('69.7344'),
  '00080021': one('19600614'),
  '00080031': one('152316.921'),
  '00080022': one('19600614'),
  '00080032': one('152316.921'),
  '00540016': { vr: 'SQ', Value: [drug(about)] },
  ...change,
});

it('is weight over what is left of the dose when the scan began', () => {
  const suv = suvOf(pet());

  /* 3976.921 s after the injection; 178340011.59668 Bq × 0.5 ** (3976.921 / 6586.2) are left. */
  expect(suv?.kind).toBe('factor');
  if (suv?.kind !== 'factor') return;
  expect(suv.factor).toBeCloseTo(69_734.4 / (178_340_011.596_68 * 0.5 ** (3976.921 / 6586.2)), 12);
  expect(suv.parts?.decayS).toBeCloseTo(3976.921, 6);
});

it.each([
  [
    'an injection before midnight',
    { '00080031': one('001000'), '00080032': one('001000') },
    { '00181072': one('233000') },
    2400,
  ],
  ['an injection with its date', {}, { '00181078': one('19600614141700') }, 3976.921],
  ['a dose corrected to the injection', { '00541102': one('ADMIN') }, {}, 0],
  ['a series begun before this bed position', { '00080032': one('154000') }, {}, 3976.921],
])('counts the decay from %s', (_, change, about, decayS) => {
  const suv = suvOf(pet(change as DicomJson, about as DicomJson));

  expect(suv).toMatchObject({ kind: 'factor', parts: { decayS: expect.closeTo(decayS, 6) } });
});

it.each<[string, DicomJson, DicomJson, string]>([
  ['no weight', { '00101030': one('0') }, {}, 'weight'],
  ['no dose', {}, { '00181074': { vr: 'DS' } }, 'dose'],
  ['a dose in megabecquerel', {}, { '00181074': one('370') }, 'dose'],
  ['no half-life', {}, { '00181075': { vr: 'DS' } }, 'half_life'],
  ['no time of injection', {}, { '00181072': { vr: 'TM' } }, 'start'],
  ['no attenuation correction', { '00280051': one('DECY') }, {}, 'correction'],
  ['no decay correction', { '00541102': one('NONE') }, {}, 'decay'],
  ['a series made after its pictures', { '00080031': one('180000') }, {}, 'scan_time'],
  ['no series time', { '00080031': { vr: 'TM' } }, {}, 'scan_time'],
  ['two times of injection', {}, { '00181078': one('19600614131700') }, 'contradiction'],
  [
    'an injection after the scan',
    {},
    { '00181078': one('19600614161700'), '00181072': one('161700') },
    'contradiction',
  ],
  ['an injection days before', {}, { '00181078': one('19600610141700') }, 'contradiction'],
  ['the clock of another time zone', {}, { '00181078': one('19600614141700+0900') }, 'start'],
  ['counts', { '00541001': one('CNTS') }, {}, 'units'],
  [
    'a factor in a group that is not theirs',
    { '00541001': one('CNTS'), '70531000': one('0.5') },
    {},
    'units',
  ],
  ['a SUV by body surface', { '00541001': one('GML'), '00541006': one('BSA') }, {}, 'units'],
])('is not computed with %s', (_, change, about, lack) => {
  const suv = suvOf(pet(change, about));

  expect(suv).toMatchObject({ kind: 'missing', lacks: expect.arrayContaining([lack]) });
});

it('is not computed where two drugs were given', () => {
  const two = { '00540016': { vr: 'SQ', Value: [drug(), drug()] } };
  expect(suvOf(pet(two))).toEqual({ kind: 'missing', lacks: ['contradiction'] });
});

it("takes Philips' own factor only from their own group", () => {
  const theirs = {
    '00541001': one('CNTS'),
    '70530010': one('Philips PET Private Group'),
    '70531000': one('0.000551'),
  };
  expect(suvOf(pet(theirs))).toMatchObject({ kind: 'factor', factor: 0.000551, from: 'philips' });
});

it('believes stored SUV, and has none for what is no PET', () => {
  expect(suvOf(pet({ '00541001': one('GML') }))).toMatchObject({ factor: 1, from: 'stored' });
  expect(suvOf({ '00080060': one('CT') })).toBeNull();
});

it('reads times as they are written', () => {
  expect(secondsOf('142536.5')).toBe(14 * 3600 + 25 * 60 + 36.5);
  expect(secondsOf('09:53:00')).toBe(9 * 3600 + 53 * 60);
  expect(secondsOf('99')).toBeNull();
  expect(instantOfDateTime('20240131', '')).toBeNull();
});
