import { describe, expect, it } from 'vitest';
import type { Identity, Message, Role, Say } from './protocol';
import { type Blank, begin, type Happening, happen, has, type Together } from './together';

const identity: Identity = { reading: 7, study: '1.2.3', patient: '5 00123', accession: 'A1', person: 2 };

const word = (role: Role, say: Say, change: Partial<Identity> = {}): Happening => ({
  type: 'heard',
  message: { v: 1, identity: { ...identity, ...change }, from: `s-${role}`, role, say } satisfies Message,
});
const hello = (role: Role): Happening => word(role, { kind: 'hello', page: `p-${role}` });
const after = (own: Role, ...all: Happening[]): Together =>
  all.reduce((state, one) => happen(state, one).state, begin(identity, own, 'own'));

const MISMATCH: Blank = { why: 'mismatch', differs: ['patient'] };
const other = word('images-1', { kind: 'bye' }, { patient: '9 other' });

describe('what a window shows after what happened', () => {
  it.each<[string, Role, Happening[], Blank | null]>([
    ['its main window came', 'images-1', [hello('main')], null],
    ['a word of another patient', 'main', [other], MISMATCH],
    [
      'a word of another person',
      'main',
      [word('report', { kind: 'here', page: '' }, { person: 9 })],
      { why: 'mismatch', differs: ['person'] },
    ],
    [
      'another window found a mismatch',
      'images-1',
      [word('main', { kind: 'blank', differs: ['patient'] })],
      MISMATCH,
    ],
    ['the hub holds something else', 'main', [{ type: 'disagreed', differs: ['patient'] }], MISMATCH],
    ['a mismatch stays, whoever comes', 'images-1', [other, hello('main')], MISMATCH],
    [
      'a mismatch is more than a closed case',
      'images-1',
      [hello('main'), word('main', { kind: 'closed', how: 'left' }), other],
      MISMATCH,
    ],
    [
      'the main window closed the case',
      'images-1',
      [hello('main'), word('main', { kind: 'closed', how: 'left' })],
      { why: 'closed', how: 'left' },
    ],
    [
      'only the main window closes a case',
      'images-1',
      [word('images-2', { kind: 'closed', how: 'left' })],
      null,
    ],
    ['nobody closes the main window', 'main', [word('main', { kind: 'closed', how: 'left' })], null],
    [
      'it was signed in the report window',
      'images-1',
      [word('report', { kind: 'signed' })],
      { why: 'closed', how: 'signed' },
    ],
    ['the main window goes on after signing', 'main', [word('report', { kind: 'signed' })], null],
    [
      'the main window vanished',
      'images-1',
      [hello('main'), { type: 'lost', session: 's-main' }],
      { why: 'gone' },
    ],
    ['and came back', 'images-1', [hello('main'), { type: 'lost', session: 's-main' }, hello('main')], null],
    [
      'a closed case does not come back',
      'images-1',
      [hello('main'), word('main', { kind: 'closed', how: 'left' }), hello('main')],
      { why: 'closed', how: 'left' },
    ],
    ['no main window ever answered', 'report', [{ type: 'alone' }], { why: 'gone' }],
    ['one had answered', 'report', [hello('main'), { type: 'alone' }], null],
    ['an image window vanished', 'main', [hello('images-1'), { type: 'lost', session: 's-images-1' }], null],
    ['another window has this part', 'main', [{ type: 'taken' }], { why: 'taken' }],
  ])('%s', (_name, own, all, blank) => {
    expect(after(own, ...all).blank).toEqual(blank);
  });
});

it('who says hello is told who is here, and each part is there once', () => {
  const { state, answers, mayAct } = happen(begin(identity, 'main', 'own'), hello('images-1'));

  expect(answers.map(({ kind }) => kind)).toEqual(['here']);
  expect(mayAct).toBe(true);
  const again = word('images-1', { kind: 'hello', page: 'q' }) as Extract<Happening, { type: 'heard' }>;
  const reloaded = happen(state, { ...again, message: { ...again.message, from: 'new' } }).state;
  expect(reloaded.peers.map(({ session }) => session)).toEqual(['new']);
  expect(has(reloaded, 'images-1')).toBe(true);
});

it('a mismatch is told to the others once, and nothing is acted on any more', () => {
  const first = happen(begin(identity, 'main', 'own'), other);
  const second = happen(first.state, other);
  const honest = happen(first.state, word('images-1', { kind: 'marks-ask' }));

  expect(first.answers).toEqual([{ kind: 'blank', differs: ['patient'] }]);
  expect([first.mayAct, second.mayAct, honest.mayAct]).toEqual([false, false, false]);
  expect(second.answers).toEqual([]);
});

it('a window hears no word of its own', () => {
  const own = hello('main') as Extract<Happening, { type: 'heard' }>;
  const outcome = happen(begin(identity, 'main', 's-main'), own);

  expect(outcome.state.peers).toEqual([]);
});

describe('what a window says when the hub holds something else', () => {
  it('tells every other window in what', () => {
    const { answers, mayAct } = happen(begin(identity, 'main', 'own'), {
      type: 'disagreed',
      differs: ['accession'],
    });

    expect(answers).toEqual([{ kind: 'blank', differs: ['accession'] }]);
    expect(mayAct).toBe(false);
  });
});
