import { expect, it } from 'vitest';
import type { DicomJson } from './metadata';
import { acquiredOf } from './suv';

const said = (tags: Record<string, string>): DicomJson =>
  Object.fromEntries(Object.entries(tags).map(([tag, value]) => [tag, { vr: 'LO', Value: [value] }]));

const MIDNIGHT = Date.UTC(2026, 10, 23) / 1000;

it.each([
  ['parts', { '00080022': '20261123', '00080032': '010203.5' }, {}, MIDNIGHT + 3723.5],
  ['an instant', { '0008002A': '20261123010203' }, {}, MIDNIGHT + 3723],
  [
    "the frame's own before the instance's",
    { '0008002A': '20261123010203' },
    { '00189074': '20261123020000' },
    MIDNIGHT + 7200,
  ],
  ['no time', { '00080022': '20261123' }, {}, null],
  ['nothing', {}, {}, null],
] as const)('when a frame was taken is said by %s', (_name, instance, content, wanted) => {
  expect(acquiredOf(said(instance), said(content))).toBe(wanted);
});
