import { expect, it } from 'vitest';
import type { DicomJson } from './metadata';
import { expanded, lookUp, tableFrom, tableSource, throughPalette } from './tables';

const tags = { descriptor: '00283002', data: '00283006' };
const us = (...Value: number[]) => ({ vr: 'US', Value });
const json = (descriptor: number[], data: number[]): DicomJson => ({
  '00283002': us(...descriptor),
  '00283006': us(...data),
});

it('takes the ends of the table for what lies beyond them', () => {
  const source = tableSource(json([3, 10, 16], [7, 8, 9]), tags, false);
  const table = tableFrom(source as NonNullable<typeof source>, null);
  expect([0, 10, 11, 12, 99].map((value) => lookUp(table, value))).toEqual([7, 7, 8, 9, 9]);
});

it('reads the first value as signed where the pixels are', () => {
  expect(tableSource(json([1, 0xf800, 16], [1]), tags, true)?.first).toBe(-2048);
  expect(tableSource(json([1, 0xf800, 16], [1]), tags, false)?.first).toBe(0xf800);
});

it('knows that no entries means 65536, and refuses half a table', () => {
  const source = tableSource(json([0, 0, 16], [1, 2]), tags, false);
  expect(source?.count).toBe(65_536);
  expect(() => tableFrom(source as NonNullable<typeof source>, null)).toThrow();
});

it.each([
  ['discrete and linear', [0, 2, 5, 7, 1, 3, 10], 5, [5, 7, 8, 9, 10]],
  ['repeated from a byte', [0, 2, 1, 2, 2, 1, 0, 0, 1, 2, 6], 6, [1, 2, 1, 2, 4, 6]],
])('expands segments: %s', (_, words, count, wanted) => {
  expect([...expanded(Uint16Array.from(words), count)]).toEqual(wanted);
});

it.each([
  ['a segment that points at itself', [2, 1, 0, 0], 4],
  ['a line from nowhere', [1, 3, 9], 3],
  ['more than there is room for', [0, 3, 1, 2, 3], 2],
  ['less than was promised', [0, 1, 5], 3],
  ['an end in the middle', [0, 5, 1], 5],
  ['an unknown kind', [7, 1, 1], 1],
])('refuses %s', (_, words, count) => {
  expect(() => expanded(Uint16Array.from(words), count)).toThrow();
});

it('gives colours, of tables of 16 bits and of bytes that say 16', () => {
  const table = (entries: number[]) => ({ first: 0, bits: 16, entries: Uint16Array.from(entries) });
  const rgb = throughPalette([0, 1, 9], [table([0, 0xff00]), table([0, 0x80]), table([0x1234, 0xffff])]);
  expect([...rgb]).toEqual([0, 0, 0x12, 0xff, 0x80, 0xff, 0xff, 0x80, 0xff]);
  expect(() => throughPalette([0], [table([0]), table([0, 1]), table([0])])).toThrow();
});
