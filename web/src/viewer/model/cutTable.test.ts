/** One table of cases for the viewer and for the hub (dokuei/imaging/planes/tests/test_cutting.py): both must cut the same. */
import { describe, expect, it } from 'vitest';
import table from './cut.json';
import { cutOf, stackOf, type ToldStack } from './cutCases';
import type { Plane, Slab } from './reformat';
import { sha256 } from './sha256';
import { stackSha256 } from './stacks';
import { volumeOf } from './volume';

const EVERY = 7;

describe('planes as the hub cuts them too', () => {
  it.each(table.planes.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const values = cutOf(one.stack as ToldStack, one.plane as unknown as Plane, one.slab as Slab);
    const found = [...values].filter((__, i) => i % EVERY === 0);
    expect([...values].filter(Number.isNaN)).toHaveLength(one.wanted.nothing);
    expect(found.map((value) => (Number.isNaN(value) ? null : value))).toEqual(
      one.wanted.everySeventh.map((value) => (value === null ? null : expect.closeTo(value, 3))),
    );
  });

  it.each(table.refused.map((one) => [one.name, one] as const))('refuses %s', (_, one) => {
    const [set] = stackOf(one.stack as ToldStack);
    expect(set && volumeOf(set)).toBe(one.wanted);
  });
});

describe('the name of a stack', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['1.2.3/1\n1.2.4/1', '7ab980d166c3b69625b46849e2d1d23f9eaa4b3ad95d63755ff6bdb564ad76d0'],
    ['a'.repeat(1000), '41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3'],
  ])('is the standard’s hash: %#', (text, hash) => expect(sha256(text)).toBe(hash));

  it('is the same whatever order the slices came in, and another when one is missing', () => {
    const [one] = table.planes;
    const told = one?.stack as ToldStack;
    const name = (slices: ToldStack['slices']): string => {
      const [set] = stackOf({ ...told, slices });
      return set ? stackSha256(set) : '';
    };
    expect(name([...told.slices].reverse())).toBe(name(told.slices));
    expect(name(told.slices)).toBe(table.digest);
    expect(name(told.slices.slice(1))).not.toBe(name(told.slices));
  });
});
