import { describe, expect, it } from 'vitest';
import { en } from '@/words/en';
import { ja } from '@/words/ja';
import { countText, sourceText, sourceTitle } from './counts';

const from = { source: 'c_find', by: 'PACS1', at: '2026-03-11T17:13:00Z' } as const;

describe('counts say who said how many there are', () => {
  it('shows what is here of what the archive has', () => {
    const study = { instance_count: 412, expected_count: 600, expected_from: from };

    expect(countText(study, ja)).toBe('412 / 600枚');
    expect(sourceText(study, ja)).toBe('PACS照会 02:13');
    expect(sourceTitle(study, ja)).toBe('PACS照会（PACS1、2026/3/12 02:13）: 全600枚');
    expect(sourceText(study, en)).toBe('asked the PACS 02:13');
  });

  it('shows one number when all are here', () => {
    const study = {
      instance_count: 600,
      expected_count: 600,
      expected_from: { ...from, source: 'mpps' as const },
    };

    expect(countText(study, ja)).toBe('600枚');
    expect(sourceText(study, ja)).toBe('MPPS 02:13');
  });

  it('invents nobody when nobody said anything', () => {
    const study = { instance_count: 3, expected_count: null, expected_from: null };

    expect(countText(study, ja)).toBe('3枚');
    expect(sourceText(study, ja)).toBe('');
    expect(sourceTitle(study, ja)).toBe('');
  });
});
