import { describe, expect, it } from 'vitest';
import type { Earlier, RequestIn, StudyOut } from '@/api/contract';
import { blankRequest } from './blank';
import { filled } from './Earlier';

const STUDY = { id: 1, facility: { id: 1 }, modalities: ['CT'], body_part: '胸部', description: '' };
const blank: RequestIn = blankRequest(STUDY as unknown as StudyOut);
const before: NonNullable<Earlier['patient']> = {
  sent_at: '2026-10-03T01:00:00Z',
  history: '糖尿病',
  surgery: '右上葉切除',
  surgery_when: '2019年3月',
  malignancy: 'yes',
  malignancy_note: '肺癌',
  renal: { egfr: 58, creatinine: null, measured_on: '2026-09-30' },
  allergy: 'no',
  allergy_note: '',
  asthma: 'unknown',
  metformin: 'yes',
  mr_safety: { ...blank.mr_safety, pacemaker: 'no' },
};

describe('what an earlier request said', () => {
  it('fills what is empty', () => {
    const now = { ...blank, ...filled(blank, before) };
    expect(now.surgery_when).toBe('2019年3月');
    expect(now.renal).toEqual(before.renal);
    expect(now.risk).toMatchObject({
      allergy: 'no',
      asthma: 'unknown',
      metformin: 'yes',
      pregnancy: 'unknown',
    });
    expect(now.mr_safety.pacemaker).toBe('no');
  });

  it('replaces nothing that somebody wrote', () => {
    const written: RequestIn = {
      ...blank,
      history: '高血圧',
      surgery: 'なし',
      malignancy: 'no',
      renal: { egfr: null, creatinine: 0.9, measured_on: null },
      risk: { ...blank.risk, metformin: 'no' },
    };
    const now = { ...written, ...filled(written, before) };
    expect(now).toMatchObject({ history: '高血圧', surgery: 'なし', surgery_when: '', malignancy: 'no' });
    expect(now.renal).toEqual(written.renal);
    expect(now.risk.metformin).toBe('no');
  });
});
