import { expect, it } from 'vitest';
import { endsTooEarly } from './bitstream';

const LOSSLESS = '1.2.840.10008.1.2.4.70';
const IMPLICIT = '1.2.840.10008.1.2';

it.each([
  ['a whole stream', LOSSLESS, [0xff, 0xd8, 1, 2, 0xff, 0xd9], false],
  ['a whole stream with its padding byte', LOSSLESS, [0xff, 0xd8, 1, 0xff, 0xd9, 0], false],
  ['a stream that stops in the middle', LOSSLESS, [0xff, 0xd8, 1, 2, 3], true],
  ['a stream filled up with zeros', LOSSLESS, [0xff, 0xd8, 1, 0, 0, 0, 0], true],
  ['an empty stream', LOSSLESS, [], true],
  ['plain pixels, which have no end marker', IMPLICIT, [1, 2, 3, 4], false],
])('%s', (_, syntax, frame, isCut) => {
  expect(endsTooEarly(Uint8Array.from(frame), syntax)).toBe(isCut);
});
