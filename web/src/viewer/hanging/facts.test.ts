import { describe, expect, it } from 'vitest';
import { aSeries, sagittal } from './builders';
import { kernelOf, phaseOf, viewOf, weightingOf } from './facts';
import { shiftToEdge, wallOf } from './wall';
import { hasWord } from './words';

describe('words', () => {
  it.each([
    ['t2_tse_tra_5mm', 'T2', true],
    ['Ax T2WI', 'T2', true],
    ['ｔ２強調　横断', 'T2', true],
    ['FLAIR', 'AIR', false],
    ['T1CE', 'T1', false],
    ['頭部単純CT', '頭', true],
    ['ﾀﾞｲﾅﾐｯｸ', 'ダイナミック', true],
    ['CHEST ROUTINE', 'chest', true],
    ['PERFECT', 'PE', false],
    ['C- Thorax', 'C-', true],
    ['anything', '', false],
    ['a(b', 'a(b', true],
  ])('%s has %s: %s', (text, word, expected) => {
    expect(hasWord(text, word)).toBe(expected);
  });
});

describe('what the headers say', () => {
  it.each([
    ['FC52', 400, 'sharp'],
    ['FC13', 400, 'soft'],
    ['H60s', null, 'sharp'],
    ['B30f', 1600, 'soft'],
    ['Br64d', 400, 'sharp'],
    ['BONEPLUS', null, 'sharp'],
    ['STANDARD', null, 'soft'],
    ['YA', 2500, 'sharp'],
    ['UB', 80, 'soft'],
    ['L', 1600, 'sharp'],
    ['', 1600, 'sharp'],
    ['', 350, 'soft'],
    ['', null, null],
  ])('kernel %s with width %s is %s', (name, width, expected) => {
    expect(kernelOf(name, width)).toBe(expected);
  });

  it.each([
    ['単純 5mm', '', 'plain'],
    ['造影前', 'Iopamiron', 'plain'],
    ['肝 動脈相', '', 'arterial'],
    ['門脈相', '', 'portal'],
    ['平衡相 5mm', '', 'late'],
    ['ABD DELAY', '', 'late'],
    ['Arterial Phase', '', 'arterial'],
    ['CE 5mm', '', 'enhanced'],
    ['5mm', 'OMNIPAQUE', 'enhanced'],
    ['5mm', '', null],
  ])('phase of %s with %s is %s', (name, agent, expected) => {
    expect(phaseOf(name, agent)).toBe(expected);
  });

  const none = { repetition: null, echo: null, inversion: null, bValue: null };

  it.each([
    ['DWI_4scan_trace_tra_ADC', none, 'adc'],
    ['DWI_4scan_trace_tra_TRACEW', none, 'dwi'],
    ['拡散強調 b1000', none, 'dwi'],
    ['T2 FLAIR', none, 'flair'],
    ['t2_tse_tra 5mm', none, 't2'],
    ['T2*WI', none, 't2star'],
    ['SWI_Images', none, 'swi'],
    ['3D TOF MRA', none, 'mra'],
    ['T1WI 造影後 Gd', none, 't1ce'],
    ['T1強調', none, 't1'],
    ['Ax', { ...none, bValue: 1000 }, 'dwi'],
    ['Ax', { ...none, repetition: 9000, echo: 120, inversion: 2500 }, 'flair'],
    ['Ax', { ...none, repetition: 4000, echo: 100 }, 't2'],
    ['Ax', { ...none, repetition: 500, echo: 10 }, 't1'],
    ['Ax', { ...none, repetition: 1500, echo: 40 }, null],
  ])('weighting of %s', (name, timing, expected) => {
    expect(weightingOf(name, timing)).toBe(expected);
  });

  it.each([
    ['CC', '', 'CC'],
    ['MLO', '', 'MLO'],
    ['AP', '', 'PA'],
    ['LL', '', 'LAT'],
    ['', '胸部 正面', 'PA'],
    ['', '胸部 側面', 'LAT'],
    ['XCCL', 'CC', null],
    ['', 'R-MLO', 'MLO'],
  ])('view %s %s is %s', (position, name, expected) => {
    expect(viewOf(position, name)).toBe(expected);
  });

  it('know the plane from geometry, not from the name', () => {
    expect(aSeries({ name: 'axial', frame: sagittal }).facts.plane).toBe('sagittal');
    expect(
      aSeries({ name: 'oblique', frame: { row: [0.7, 0.7, 0], column: [0, 0, -1] } }).facts.plane,
    ).toBeNull();
    expect(aSeries({ frame: { row: null, column: null } }).facts.plane).toBeNull();
  });
});

describe('a breast', () => {
  it.each([
    ['P', 'R', 'right'],
    ['A', 'L', 'left'],
    ['PL', 'R', 'right'],
    ['A', 'R', null],
    ['P', 'L', null],
    ['', 'R', null],
    ['P', null, null],
  ] as const)('whose rows lead to %s, side %s, has its wall: %s', (orientation, side, expected) => {
    expect(wallOf(orientation, side)).toBe(expected);
  });

  it('is moved so that its wall stands at the edge, and never when turned, mirrored or larger than its pane', () => {
    const place = { corner: [100, 0], row: [400, 0], column: [0, 500] } as const;
    expect(shiftToEdge(place, 800, 'right')).toBe(300);
    expect(shiftToEdge(place, 800, 'left')).toBe(-100);
    expect(shiftToEdge(place, 800, null)).toBe(0);
    expect(shiftToEdge(place, 300, 'right')).toBe(0);
    expect(shiftToEdge({ ...place, row: [-400, 0] }, 800, 'right')).toBe(0);
    expect(shiftToEdge({ ...place, row: [0, 400] }, 800, 'right')).toBe(0);
  });
});
