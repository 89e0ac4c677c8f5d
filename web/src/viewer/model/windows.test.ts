import { expect, it } from 'vitest';
import { aFrame } from './builders';
import { presetsFor, rangeOf, windowOf } from './windows';

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
