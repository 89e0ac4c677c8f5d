import { describe, expect, it } from 'vitest';
import type { AskBacks } from '@/api/contract';
import { draftOf, kindAt, openKinds, optionsOf, questionOf } from './question';

const kind = {
  code: 'surgery',
  label: '手術歴',
  sentence: '手術歴は？',
  options: ['なし', '不明'],
  addressee: 'requester',
};
const asked = {
  due_minutes: 30,
  items: [
    { kind: 'surgery', state: 'asked' },
    { kind: 'labs', state: 'answered' },
  ],
} as unknown as AskBacks;

describe('a question', () => {
  it('begins with the sentence, the options and the due time of its kind', () => {
    expect(questionOf(draftOf(kind, asked))).toEqual({
      kind: 'surgery',
      sentence: '手術歴は？',
      options: ['なし', '不明'],
      addressee: 'requester',
      due_minutes: 30,
    });
  });

  it.each([
    ['なし\n不明', ['なし', '不明']],
    [' なし \n\n なし', ['なし']],
    ['', []],
  ])('offers %j as %j', (text, options) => {
    expect(optionsOf(text)).toEqual(options);
  });

  it.each([
    ['1', 'a'],
    ['2', 'b'],
    ['3', undefined],
    ['0', undefined],
    ['q', undefined],
    ['12', undefined],
  ])('is chosen by %s as %s', (key, found) => {
    expect(kindAt(key, ['a', 'b'])).toBe(found);
  });

  it('of a kind that waits for an answer is known', () => {
    expect([...openKinds(asked)]).toEqual(['surgery']);
  });
});
