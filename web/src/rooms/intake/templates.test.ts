import { describe, expect, it } from 'vitest';
import type { RequestIn, StudyOut } from '@/api/contract';
import { blankRequest } from './blank';
import { fillFrom, isFor, templateFrom } from './templates';

const STUDY = { id: 1, facility: { id: 1 }, modalities: ['CT'], body_part: '', description: '' };
const blank: RequestIn = blankRequest(STUDY as unknown as StudyOut);
const written: RequestIn = {
  ...blank,
  exam: { ...blank.exam, body_part: '胸部', description: '胸部造影CT', jj1017: '6A1200000' },
  urgency: 'checkup',
  question: '肺結節の経過',
  complaint: '患者の訴え',
  history: '患者の既往',
  contrast: { ...blank.contrast, planned: 'yes', agent: 'イオパミドール', dose_ml: 100 },
  requester_department: '内科',
  callback_phone: '内線 1234',
};
const body = templateFrom(written);

describe('a template', () => {
  it("holds nothing that is one patient's", () => {
    const kept = JSON.stringify(body);
    for (const word of ['患者の訴え', '患者の既往', '6A1200000', '100']) expect(kept).not.toContain(word);
    expect(templateFrom({ ...written, urgency: 'emergency' }).urgency).toBe('');
  });

  it('fills what is empty, and says what', () => {
    const { part, fields } = fillFrom(blank, body);
    const now = { ...blank, ...part };
    expect(now).toMatchObject({
      urgency: 'checkup',
      question: '肺結節の経過',
      callback_phone: '内線 1234',
      exam: { modality: 'CT', body_part: '胸部', jj1017: null },
      contrast: { planned: 'yes', agent: 'イオパミドール', dose_ml: null },
    });
    expect(fields).toEqual([
      'urgency',
      'body_part',
      'description',
      'question',
      'planned',
      'agent',
      'requester_department',
      'callback_phone',
    ]);
  });

  it('changes nothing that was written', () => {
    const mine: RequestIn = {
      ...written,
      urgency: 'urgent',
      question: '別の目的',
      requester_department: '',
      requester_name: '外来 伊藤',
      callback_phone: '',
    };
    const { part, fields } = fillFrom(mine, body);
    expect({ ...mine, ...part }).toEqual(mine);
    expect(fields).toEqual([]);
  });

  it('filled twice is filled once', () => {
    const once = { ...blank, ...fillFrom(blank, body).part };
    expect(fillFrom(once, body).fields).toEqual([]);
  });

  it('is offered for its own modality', () => {
    expect([
      isFor(body, 'CT'),
      isFor(body, ''),
      isFor(body, 'MR'),
      isFor({ ...body, modality: '' }, 'MR'),
    ]).toEqual([true, true, false, true]);
  });
});
