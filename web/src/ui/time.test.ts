import { describe, expect, it } from 'vitest';
import { ja } from '@/words/ja';
import { agoText, clockText, dateText, fullText, remaining, whenText } from './time';

const now = new Date('2026-03-12T05:00:00Z'); // 14:00 in Japan

describe('times are read in Japan', () => {
  it.each([
    ['2026-03-12T05:05:00Z', '今日 14:05'],
    ['2026-03-11T14:10:00Z', '昨日 23:10'],
    ['2026-03-11T15:00:00Z', '今日 00:00'],
    ['2026-03-12T15:30:00Z', '明日 00:30'],
    ['2026-03-18T00:00:00Z', '3/18(水) 09:00'],
    ['2025-03-12T00:00:00Z', '2025/3/12 09:00'],
    ['2025-12-31T15:00:00Z', '1/1(木) 00:00'],
  ])('%s is %s', (at, text) => {
    expect(whenText(at, now, ja.time)).toBe(text);
  });

  it('writes clock, full and calendar dates without a time zone of the browser', () => {
    expect(clockText('2026-03-12T05:05:12Z')).toBe('14:05:12');
    expect(fullText('2026-03-11T15:00:00Z')).toBe('2026/3/12 00:00');
    expect(dateText('1968-02-03')).toBe('1968/2/3');
    expect(dateText(null)).toBe('');
  });
});

describe('remaining time', () => {
  it.each([
    ['2026-03-12T06:12:00Z', '残り 1時間12分', '1:12', false],
    ['2026-03-12T05:41:59Z', '残り 41分', '0:41', false],
    ['2026-03-12T07:00:00Z', '残り 2時間', '2:00', false],
    ['2026-03-12T05:00:00Z', '残り 0分', '0:00', false],
    ['2026-03-12T04:48:00Z', '12分 超過', '−0:12', true],
    ['2026-03-15T05:00:00Z', '残り 3日', '72:00', false],
  ])('until %s: %s', (due, text, short, isOverdue) => {
    expect(remaining(due, now, ja.time)).toMatchObject({ text, short, isOverdue });
  });

  it('never shows more than is left', () => {
    expect(remaining('2026-03-12T05:00:59Z', now, ja.time).minutes).toBe(0);
    expect(remaining('2026-03-12T04:59:59Z', now, ja.time).isOverdue).toBe(true);
  });
});

it('says how long ago', () => {
  expect(agoText('2026-03-12T04:59:40Z', now, ja.time)).toBe('たった今');
  expect(agoText('2026-03-12T03:30:00Z', now, ja.time)).toBe('1時間30分前');
});
