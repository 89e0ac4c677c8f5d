import { expect, test } from 'vitest';
import { freshCode, groupsIn, moved } from './tiers';

test.each([
  [0, 1, ['b', 'a', 'c']],
  [2, -1, ['a', 'c', 'b']],
] as const)('the row at %i goes a step of %i', (at, step, wanted) => {
  expect(moved(['a', 'b', 'c'], at, step)).toEqual(wanted);
});

test('a fresh code is one no tier has, in letters only', () => {
  const tiers = [{ code: 'same' }];
  const codes = [1, 2, 3].map(() => {
    const code = freshCode(tiers);
    tiers.push({ code });
    return code;
  });
  expect(new Set(codes).size).toBe(3);
  for (const code of codes) expect(code).toMatch(/^[a-z_]{1,40}$/);
});

test.each([
  [
    'CT MR PT\nCR CT',
    [
      ['CT', 'MR', 'PT'],
      ['CR', 'CT'],
    ],
  ],
  ['ｃｔ、ｍｒ\n\n', [['CT', 'MR']]],
  ['', []],
])('groups of modalities in %j', (text, wanted) => {
  expect(groupsIn(text)).toEqual(wanted);
});
