import { describe, expect, it } from 'vitest';
import type { Alarm, Role } from '@/api/contract';
import { en } from '@/words/en';
import { ja } from '@/words/ja';
import { alarmText, isGrave } from './alarms';
import { seesStatus } from './places';

const alarm = (change: Partial<Alarm>): Alarm => ({
  code: 'store.refusing',
  sentence: '保存先の警告です。',
  since: '2026-11-22T17:05:00Z',
  free_bytes: 2 ** 29,
  limit_bytes: 2 ** 30,
  ...change,
});

describe('an alarm', () => {
  it('says what is free and since when images are turned away', () => {
    expect(alarmText(alarm({}), ja)).toContain('残り 0.5 GiB');
    expect(alarmText(alarm({}), ja)).toContain('2026/11/23 02:05');
    expect(alarmText(alarm({}), en)).toContain('0.5 GiB');
  });

  it('warns before anything is turned away', () => {
    const low = alarm({ code: 'store.low', free_bytes: 5 * 2 ** 30 });

    expect(alarmText(low, ja)).toContain('1.0 GiB 未満になると');
    expect([isGrave(low), isGrave(alarm({}))]).toEqual([false, true]);
  });

  it('of a kind this version does not know is shown as the hub says it', () => {
    expect(alarmText(alarm({ code: 'store.new' as Alarm['code'] }), en)).toBe('保存先の警告です。');
  });

  it('is seen by those who may see the status only', () => {
    const sees = (role: Role): boolean => seesStatus({ roles: [role] });

    expect((['support', 'lead', 'administrator'] as const).map(sees)).toEqual([true, true, true]);
    expect((['reader', 'requester', 'technologist'] as const).map(sees)).toEqual([false, false, false]);
  });
});
