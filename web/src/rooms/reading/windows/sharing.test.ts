import { describe, expect, it, vi } from 'vitest';
import type { KeptMark } from '@/api/contract';
import { FarMarks } from './farMarks';
import { isNext } from './follow';
import { whereTo } from './jumps';
import { cameBack, Mirror } from './lending';
import { changeBetween, newTo, untouched } from './marksShared';
import type { Role } from './protocol';

const mark = (id: string, x = 1): KeptMark => ({
  id,
  kind: 'length',
  sop_instance_uid: '1.2',
  frame_number: 1,
  points: [
    [x, 2],
    [30, 40],
  ],
  is_closed: false,
  text: '',
  lines: [`${x} mm`],
});
const ids = (marks: readonly KeptMark[]): string[] => marks.map(({ id }) => id);

describe('marks of two windows', () => {
  it('what was drawn, moved and removed is a change; a millionth of a pixel and words are none', () => {
    const change = changeBetween(
      [mark('a'), mark('b'), mark('c')],
      [mark('a', 1.000001), mark('b', 5), { ...mark('d'), lines: ['?'] }],
    );

    expect([ids(change.put), change.gone]).toEqual([['b', 'd'], ['c']]);
    expect(changeBetween([mark('a')], [{ ...mark('a'), lines: ['other words'] }]).put).toEqual([]);
  });

  it('the hand that moves a mark keeps it', () => {
    const left = untouched(
      { put: [mark('a', 9), mark('b')], gone: ['c'] },
      { put: [mark('a', 5)], gone: ['c'] },
    );

    expect([ids(left.put), left.gone]).toEqual([['b'], []]);
  });

  it('what crosses on the way is told twice and done once', () => {
    const again = newTo([mark('a')], { put: [mark('a'), mark('b')], gone: ['x'] });

    expect([ids(again.put), again.gone]).toEqual([['b'], []]);
  });
});

/** A window's marks as the engine holds them. */
function far(first: KeptMark[] = []) {
  let marks = first;
  const send = vi.fn();
  const made = new FarMarks({
    now: () => marks,
    amend: (put, gone) => {
      const changed = new Set([...gone, ...put.map(({ id }) => id)]);
      marks = [...marks.filter(({ id }) => !changed.has(id)), ...put];
    },
    send,
  });
  const draw = (...next: KeptMark[]): void => {
    marks = next;
    made.changed();
  };
  return { made, send, draw, now: () => ids(marks).sort(), state: () => made.store.get().state };
}

describe('marks in a window that keeps none', () => {
  it('are pending until the main window says that the hub has them', () => {
    const window = far();
    window.made.heard([], true);
    window.draw(mark('a'));
    expect([window.state(), window.send.mock.calls.length]).toEqual(['pending', 1]);
    window.made.heard([mark('a')], false);
    expect(window.state()).toBe('pending');
    window.made.heard([mark('a')], true);
    expect([window.state(), window.send.mock.calls.length]).toEqual(['kept', 1]);
  });

  it('drawn before the main window answered are told then', () => {
    const window = far([mark('early')]);
    window.made.heard([mark('a')], true);

    expect(window.now()).toEqual(['a', 'early']);
    expect(ids(window.send.mock.calls[0]?.[0].put)).toEqual(['early']);
  });

  it('survive a main window that died before it saved them', () => {
    const window = far();
    window.made.heard([], true);
    window.draw(mark('a'));
    window.made.heard([mark('a')], false);
    window.made.newMain();
    window.made.heard([], true);

    expect(window.now()).toEqual(['a']);
    expect(ids(window.send.mock.lastCall?.[0].put)).toEqual(['a']);
  });

  it('removed elsewhere go here too', () => {
    const window = far();
    window.made.heard([mark('a'), mark('b')], true);
    window.made.heard([mark('b')], true);

    expect([window.now(), window.send.mock.calls.length]).toEqual([['b'], 0]);
  });
});

describe('a text that was lent comes back', () => {
  const text = (findings: string, revision: number, isSaved = true) => ({
    findings,
    impression: '',
    revision,
    isSaved,
  });
  const mirrored = (...texts: ReturnType<typeof text>[]): Mirror => {
    const mirror = new Mirror();
    for (const one of texts) mirror.note(one);
    return mirror;
  };
  it.each([
    ['nothing was written', mirrored(), text('a', 3), { how: 'go-on', text: text('a', 3) }],
    ['all was saved', mirrored(text('ab', 4)), text('ab', 4), { how: 'go-on', text: text('ab', 4) }],
    [
      'the last words were not',
      mirrored(text('ab', 3, false)),
      text('a', 3),
      { how: 'go-on', text: text('ab', 3, false) },
    ],
    [
      'a save was answered to nobody',
      mirrored(text('ab', 3, false), text('abc', 3, false)),
      text('ab', 4),
      { how: 'go-on', text: text('abc', 4, false) },
    ],
    [
      'the very last save was',
      mirrored(text('abc', 3, false)),
      text('abc', 4),
      { how: 'go-on', text: text('abc', 4, true) },
    ],
    [
      'the hub is not there',
      mirrored(text('ab', 3, false)),
      null,
      { how: 'go-on', text: text('ab', 3, false) },
    ],
    [
      'somebody else wrote',
      mirrored(text('ab', 3, false)),
      text('zz', 5),
      { how: 'conflict', text: text('ab', 3, false), theirs: text('zz', 5) },
    ],
  ])('%s', (_name, mirror, hub, wanted) => {
    expect(cameBack(mirror, text('a', 3), hub)).toEqual(wanted);
  });
});

describe('a figure leads to', () => {
  const shows = new Map<Role, readonly string[]>([
    ['main', ['s1']],
    ['images-1', ['s2']],
    ['images-2', ['s1', 's3']],
  ]);
  it.each<[string | null, Role[], Role]>([
    ['s2', ['images-1', 'images-2'], 'images-1'],
    ['s3', ['images-1', 'images-2'], 'images-2'],
    ['s1', ['images-1'], 'main'],
    ['s9', ['images-1', 'images-2'], 'images-1'],
    ['s9', [], 'main'],
    ['s2', ['report'], 'main'],
    [null, ['images-2'], 'images-2'],
  ])('%s with %s: %s', (series, open, wanted) => {
    expect(whereTo(series, shows, open)).toBe(wanted);
  });
});

it.each<[unknown, boolean]>([
  [{ page: 'p', person: 1, reading: 3 }, true],
  [{ page: 'p', person: 1, reading: 0 }, false],
  [{ page: 'p', person: 1, reading: '3/../..' }, false],
  [null, false],
])('the next case is a number: %s', (data, wanted) => {
  expect(isNext(data)).toBe(wanted);
});
