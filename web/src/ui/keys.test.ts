import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Command, commandFor } from './commands';
import {
  giveKey,
  holdersOf,
  keysOf,
  pressedKeys,
  resetAllKeys,
  resetKeys,
  whyReserved,
  withOwnKeys,
} from './keys';
import { settings } from './settings';

const press = (key: string, more: Partial<KeyboardEventInit> & { keyCode?: number } = {}): KeyboardEvent => {
  const event = new KeyboardEvent('keydown', { key, ...more });
  if (more.keyCode !== undefined) Object.defineProperty(event, 'keyCode', { value: more.keyCode });
  return event;
};
const command = (id: string, ...keys: string[]): Command => ({ id, title: id, keys, run: vi.fn() });
const [invert, report, plane] = [command('invert', 'i'), command('report', 'r', 'F2'), command('plane', 's')];
const all = [invert, report, plane];

beforeEach(resetAllKeys);

describe('a pressed key', () => {
  it.each<[string, Parameters<typeof press>[1], string | null]>([
    ['q', {}, 'q'],
    ['Q', { shiftKey: true }, 'shift+q'],
    ['?', { shiftKey: true }, '?'],
    [' ', {}, 'Space'],
    ['F2', { shiftKey: true }, 'shift+F2'],
    ['z', { ctrlKey: true }, 'mod+z'],
    ['z', { metaKey: true }, 'mod+z'],
    ['Shift', { shiftKey: true }, null],
    ['Process', {}, null],
    ['HiraganaKatakana', {}, null],
    ['q', { isComposing: true }, null],
    ['q', { keyCode: 229 }, null],
  ])('%s with %o is %s', (key, more, expected) => {
    expect(pressedKeys(press(key, more))).toBe(expected);
  });
});

describe('keys that are not given away', () => {
  it.each([
    ['F5', 'browser'],
    ['F11', 'browser'],
    ['mod+w', 'browser'],
    ['mod+t', 'browser'],
    ['mod+1', 'browser'],
    ['alt+ArrowLeft', 'browser'],
    ['mod+c', 'editing'],
    ['mod+v', 'editing'],
    ['Tab', 'screen'],
    ['Escape', 'screen'],
    ['Enter', 'screen'],
    ['q', null],
    ['shift+q', null],
    ['F2', null],
    ['shift+F1', null],
    ['mod+Enter', null],
  ])('%s: %s', (keys, expected) => {
    expect(whyReserved(keys)).toBe(expected);
  });
});

describe('one’s own keys', () => {
  it('take the place of those a command came with', () => {
    giveKey(invert, 'q', all);
    expect(keysOf(invert)).toEqual(['q']);
    const own = all.map(withOwnKeys);
    expect(commandFor(press('q'), document.body, own)?.id).toBe('invert');
    expect(commandFor(press('i'), document.body, own)).toBeNull();
  });

  it('taken from another command are no longer its own; its others stay', () => {
    expect(holdersOf('r', all, 'invert')).toEqual([report]);
    giveKey(invert, 'r', all);
    expect(keysOf(report)).toEqual(['F2']);
    expect(commandFor(press('r'), document.body, all.map(withOwnKeys))?.id).toBe('invert');
  });

  it('go back one by one or all', () => {
    giveKey(invert, 'q', all);
    giveKey(plane, 'w', all);
    resetKeys('invert');
    expect([keysOf(invert), keysOf(plane)]).toEqual([['i'], ['w']]);
    resetAllKeys();
    expect(keysOf(plane)).toEqual(['s']);
  });

  it('with Shift win over the letter alone, whatever the order', () => {
    giveKey(invert, 'shift+s', all);
    const own = [plane, invert].map(withOwnKeys);
    expect(commandFor(press('S', { shiftKey: true }), document.body, own)?.id).toBe('invert');
    expect(commandFor(press('s'), document.body, own)?.id).toBe('plane');
    expect(settings.store.get().document.keys).toEqual({ invert: ['shift+s'] });
  });

  it('never act while the input method composes', () => {
    giveKey(invert, 'q', all);
    expect(commandFor(press('q', { isComposing: true }), document.body, all.map(withOwnKeys))).toBeNull();
  });
});
