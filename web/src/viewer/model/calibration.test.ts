import { describe, expect, it } from 'vitest';
import { aFrame } from './builders';
import { type Calibration, calibrationOf, metricFor, type Point } from './calibration';
import { type Frame, framesOf, type Spacing, type UltrasoundRegion } from './metadata';

const S: Spacing = [0.4, 0.2];
const OTHER: Spacing = [0.3, 0.15];
const shadow = (change: Partial<Frame>): Partial<Frame> => ({
  modality: 'DX',
  position: null,
  row: null,
  column: null,
  ...change,
});
const px = (aspect: Spacing = [1, 1]): Calibration => ({ kind: 'none', aspect });
const bad = (mm: number): Spacing => [mm, 0.2];

describe('what a distance on a frame means', () => {
  it.each<[string, Partial<Frame>, Calibration]>([
    ['CT slice', { pixelSpacing: S }, { kind: 'body', spacing: S }],
    ['MR slice', { modality: 'MR', pixelSpacing: S }, { kind: 'body', spacing: S }],
    ['PET slice', { modality: 'PT', pixelSpacing: S }, { kind: 'body', spacing: S }],
    ['CT without a place', { pixelSpacing: S, position: null }, px()],
    ['CT without a direction', { pixelSpacing: S, row: null }, px()],
    [
      'CT scout',
      { pixelSpacing: S, imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] },
      { kind: 'estimate', spacing: S },
    ],
    [
      'MR localizer',
      { modality: 'MR', pixelSpacing: S, imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] },
      { kind: 'body', spacing: S },
    ],
    [
      'scintigram',
      { modality: 'NM', pixelSpacing: S, position: null, row: null, column: null },
      { kind: 'body', spacing: S },
    ],
    ['secondary capture', { modality: 'OT', pixelSpacing: S, position: null, row: null, column: null }, px()],
    [
      'calibrated secondary capture',
      { modality: 'OT', pixelSpacing: S, position: null, calibrationType: 'FIDUCIAL' },
      { kind: 'body', spacing: S },
    ],
    ['no spacing', { pixelSpacing: null }, px()],
    ['no spacing, long pixels', { pixelSpacing: null, aspect: [2, 1] }, px([2, 1])],
    ['zero', { pixelSpacing: bad(0) }, px()],
    ['negative', { pixelSpacing: bad(-0.4) }, px()],
    ['not a number', { pixelSpacing: bad(Number.NaN) }, px()],
    ['infinite', { pixelSpacing: bad(Number.POSITIVE_INFINITY) }, px()],
    ['DX without spacing', shadow({ pixelSpacing: null }), px()],
    ['DX, Pixel Spacing of unknown meaning', shadow({ pixelSpacing: S }), { kind: 'detector', spacing: S }],
    ['DX, both the same', shadow({ pixelSpacing: S, imagerSpacing: S }), { kind: 'detector', spacing: S }],
    [
      'DX, both the same but for a rounding',
      shadow({ pixelSpacing: [0.400001, 0.2], imagerSpacing: S }),
      { kind: 'detector', spacing: S },
    ],
    ['DX, corrected', shadow({ pixelSpacing: OTHER, imagerSpacing: S }), { kind: 'body', spacing: OTHER }],
    [
      'DX, corrected along one axis',
      shadow({ pixelSpacing: [0.4, 0.19], imagerSpacing: S }),
      { kind: 'body', spacing: [0.4, 0.19] },
    ],
    [
      'DX, calibrated by geometry',
      shadow({ pixelSpacing: S, imagerSpacing: S, calibrationType: 'GEOMETRY' }),
      { kind: 'body', spacing: S },
    ],
    [
      'XA, calibrated by an object',
      shadow({ modality: 'XA', pixelSpacing: S, calibrationType: 'FIDUCIAL' }),
      { kind: 'body', spacing: S },
    ],
    [
      'DX, calibration without spacing',
      shadow({ pixelSpacing: null, imagerSpacing: S, calibrationType: 'GEOMETRY' }),
      { kind: 'detector', spacing: S },
    ],
    [
      'MG, magnified twice',
      shadow({ modality: 'MG', pixelSpacing: null, imagerSpacing: S, magnification: 2 }),
      { kind: 'estimate', spacing: [0.2, 0.1] },
    ],
    [
      'MG, smaller than itself',
      shadow({ modality: 'MG', pixelSpacing: null, imagerSpacing: S, magnification: 0.5 }),
      { kind: 'detector', spacing: S },
    ],
    [
      'MG, no magnification',
      shadow({ modality: 'MG', pixelSpacing: null, imagerSpacing: S }),
      { kind: 'detector', spacing: S },
    ],
    [
      'CR, bad detector',
      shadow({ modality: 'CR', pixelSpacing: null, imagerSpacing: bad(0), magnification: 1 }),
      px(),
    ],
    [
      'CR with a place is still a shadow',
      { modality: 'CR', pixelSpacing: S },
      { kind: 'detector', spacing: S },
    ],
  ])('%s', (_, change, wanted) => {
    expect(calibrationOf(aFrame(change))).toEqual(wanted);
  });
});

const region = (change: Partial<UltrasoundRegion> = {}): UltrasoundRegion => ({
  left: 10,
  top: 20,
  right: 110,
  bottom: 220,
  format: 1,
  unitX: 3,
  unitY: 3,
  deltaX: 0.02,
  deltaY: 0.05,
  ...change,
});
const INSIDE: Point[] = [
  [10, 20],
  [110, 220],
];
const MM = { unit: 'mm', basis: 'body', spacing: [0.5, 0.2] };
const PX = { unit: 'px', basis: 'outside', spacing: [1, 1], shape: null };

describe('ultrasound regions', () => {
  it.each<[string, UltrasoundRegion[], Point[], object]>([
    ['inside', [region()], INSIDE, MM],
    ['axis against the pixels', [region({ deltaX: -0.02, deltaY: -0.05 })], INSIDE, MM],
    [
      'left of it',
      [region()],
      [
        [9.4, 50],
        [50, 50],
      ],
      PX,
    ],
    [
      'right of it',
      [region()],
      [
        [110.6, 50],
        [50, 50],
      ],
      PX,
    ],
    [
      'above it',
      [region()],
      [
        [50, 19.4],
        [50, 50],
      ],
      PX,
    ],
    [
      'below it',
      [region()],
      [
        [50, 220.6],
        [50, 50],
      ],
      PX,
    ],
    [
      'half a pixel at the edge belongs to it',
      [region()],
      [
        [9.5, 19.5],
        [110.5, 220.5],
      ],
      MM,
    ],
    ['seconds across', [region({ unitX: 4 })], INSIDE, PX],
    ['no unit down', [region({ unitY: 0 })], INSIDE, PX],
    ['M-mode', [region({ format: 2 })], INSIDE, PX],
    ['no delta', [region({ deltaX: 0 })], INSIDE, PX],
    ['delta missing', [region({ deltaY: Number.NaN })], INSIDE, PX],
    [
      'across two of the same scale',
      [region(), region({ left: 111, right: 211 })],
      [
        [50, 50],
        [150, 50],
      ],
      PX,
    ],
    ['under a region without meaning', [region({ format: 0, unitX: 0 }), region()], INSIDE, MM],
    ['under two that agree', [region(), region()], INSIDE, MM],
    ['under two that do not', [region(), region({ deltaX: 0.03 })], INSIDE, PX],
    ['under a curve', [region(), region({ format: 3, unitX: 4 })], INSIDE, PX],
    ['written for a wider picture', [region({ right: 514 })], INSIDE, PX],
    ['written for a higher picture', [region({ bottom: 514 })], INSIDE, PX],
    ['one pixel over', [region({ right: 512, bottom: 512 })], INSIDE, MM],
    ['nowhere', [region()], [[300, 300]], PX],
  ])('%s', (_, regions, points, wanted) => {
    const frame = aFrame({ modality: 'US', regions, pixelSpacing: [9, 9] });
    expect(metricFor(calibrationOf(frame), points)).toMatchObject(wanted);
  });
});

it('without a calibration lengths are pixels, and angles know the shape of a pixel', () => {
  expect(metricFor(px([2, 1]), [])).toEqual({ unit: 'px', basis: 'none', spacing: [1, 1], shape: [2, 1] });
});

it('reads what it needs from DICOM JSON', () => {
  const ds = (...Value: unknown[]) => ({ vr: 'DS', Value });
  const json = {
    '00080018': { vr: 'UI', Value: ['1.2'] },
    '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.1.2'] },
    '00080060': { vr: 'CS', Value: ['MG'] },
    '00280010': { vr: 'US', Value: [10] },
    '00280011': { vr: 'US', Value: [10] },
    '00280030': ds(0, 0.1),
    '00181164': ds('0.09', '0.08'),
    '00181114': ds('1.5'),
    '00280A02': { vr: 'CS', Value: ['GEOMETRY'] },
    '00280034': { vr: 'IS', Value: [2, 1] },
    '00281054': { vr: 'LO', Value: ['US'] },
    '00283000': { vr: 'SQ', Value: [{}] },
    '00186011': {
      vr: 'SQ',
      Value: [
        {
          '00186012': { vr: 'US', Value: [1] },
          '00186018': { vr: 'UL', Value: [5] },
          '0018602C': { vr: 'FD', Value: [-0.5] },
        },
      ],
    },
  };

  const [frame] = framesOf(json, '/s');

  expect(frame).toMatchObject({
    pixelSpacing: null,
    imagerSpacing: [0.09, 0.08],
    magnification: 1.5,
    calibrationType: 'GEOMETRY',
    aspect: [2, 1],
    rescaleType: 'US',
    hasModalityLut: true,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.1.2',
  });
  expect(frame?.regions[0]).toMatchObject({ format: 1, left: 5, deltaX: -0.5, top: Number.NaN });
});

it('an enhanced object says for each frame what its values are', () => {
  const transformation = (slope: number, type: string) => ({
    '00289145': {
      vr: 'SQ',
      Value: [
        {
          '00281053': { vr: 'DS', Value: [slope] },
          '00281052': { vr: 'DS', Value: [-1000] },
          '00281054': { vr: 'LO', Value: [type] },
        },
      ],
    },
  });
  const json = {
    '00080018': { vr: 'UI', Value: ['1.2'] },
    '00280010': { vr: 'US', Value: [10] },
    '00280011': { vr: 'US', Value: [10] },
    '00280008': { vr: 'IS', Value: [2] },
    '52009230': { vr: 'SQ', Value: [transformation(2, 'HU'), transformation(3, 'US')] },
  };

  const [first, second] = framesOf(json, '/s');

  expect(first).toMatchObject({ slope: 2, intercept: -1000, rescaleType: 'HU' });
  expect(second).toMatchObject({ slope: 3, intercept: -1000, rescaleType: 'US' });
});
