import { expect, it } from 'vitest';
import { aFrame } from './builders';
import { lengthOnImage, lengthText } from './measure';
import { presetsFor, rangeOf, windowOf } from './windows';

it('a length is in millimetres only when the pixel spacing is known', () => {
  expect(lengthText(lengthOnImage([10, 10], [40, 50], [0.5, 0.5]))).toBe('25.0 mm');
  expect(lengthText(lengthOnImage([10, 10], [40, 50], null))).toBe('50 px');
});

it('rows and columns have their own spacing', () => {
  expect(lengthOnImage([0, 0], [10, 0], [2, 0.5]).value).toBeCloseTo(5);
  expect(lengthOnImage([0, 0], [0, 10], [2, 0.5]).value).toBeCloseTo(20);
});

it('windows go to ranges and back', () => {
  const { lower, upper } = rangeOf(40, 80);
  expect([lower, upper]).toEqual([0, 79]);
  expect(windowOf(lower, upper)).toEqual({ center: 40, width: 80 });
});

it('CT offers the usual windows, the image’s own first; colour offers none', () => {
  const presets = presetsFor(aFrame({ windows: [{ center: 35, width: 90, label: '' }] }));
  expect(presets[0]).toMatchObject({ center: 35, width: 90, name: { key: 'dicom' } });
  expect(presets.length).toBeLessThanOrEqual(9);
  expect(presetsFor(aFrame({ isColour: true }))).toEqual([]);
  expect(
    presetsFor(aFrame({ modality: 'MR' })).some(({ name }) => 'key' in name && name.key === 'lung'),
  ).toBe(false);
});
