import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Command, commandFor, commandStore, handleKey, matchesKeys } from './commands';

const press = (key: string, more: Partial<KeyboardEventInit> & { keyCode?: number } = {}): KeyboardEvent => {
  const event = new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true, ...more });
  if (more.keyCode !== undefined) Object.defineProperty(event, 'keyCode', { value: more.keyCode });
  return event;
};

const next: Command = { id: 'next', title: '次の症例', keys: ['Space'], run: vi.fn() };
const down: Command = { id: 'down', title: '次の行', keys: ['j', 'ArrowDown'], run: vi.fn() };
const sign: Command = { id: 'sign', title: '署名する', keys: ['mod+Enter'], run: vi.fn() };
const all = [next, down, sign];

const element = (html: string): HTMLElement => {
  document.body.innerHTML = html;
  return document.body.firstElementChild as HTMLElement;
};

describe('keys', () => {
  it('match with their modifiers and no others', () => {
    expect(matchesKeys(press('Enter', { ctrlKey: true }), 'mod+Enter')).toBe(true);
    expect(matchesKeys(press('Enter', { metaKey: true }), 'mod+Enter')).toBe(true);
    expect(matchesKeys(press('Enter'), 'mod+Enter')).toBe(false);
    expect(matchesKeys(press('j', { ctrlKey: true }), 'j')).toBe(false);
    expect(matchesKeys(press('?', { shiftKey: true }), '?')).toBe(true);
    expect(matchesKeys(press(' '), 'Space')).toBe(true);
    expect(matchesKeys(press('z', { ctrlKey: true }), 'mod+z')).toBe(true);
    expect(matchesKeys(press('Z', { ctrlKey: true, shiftKey: true }), 'mod+z')).toBe(false);
    expect(matchesKeys(press('Z', { ctrlKey: true, shiftKey: true }), 'mod+shift+z')).toBe(true);
    expect(matchesKeys(press('z', { ctrlKey: true }), 'mod+shift+z')).toBe(false);
    expect(matchesKeys(press('Delete', { shiftKey: true }), 'Delete')).toBe(false);
  });

  it('run the command they stand for', () => {
    expect(commandFor(press('j'), document.body, all)).toBe(down);
    expect(commandFor(press('x'), document.body, all)).toBeNull();
  });
});

describe('the Japanese input method', () => {
  it('keeps every key while it composes', () => {
    expect(commandFor(press('j', { isComposing: true }), document.body, all)).toBeNull();
    expect(commandFor(press('Enter', { ctrlKey: true, isComposing: true }), document.body, all)).toBeNull();
  });

  it('keeps the key that ends a composition, known only by its code', () => {
    expect(commandFor(press('Enter', { ctrlKey: true, keyCode: 229 }), document.body, all)).toBeNull();
  });
});

describe('typing', () => {
  it.each(['<textarea></textarea>', '<input type="text">', '<select></select>'])(
    '%s keeps plain keys',
    (html) => {
      expect(commandFor(press('j'), element(html), all)).toBeNull();
      expect(commandFor(press('Enter', { ctrlKey: true }), element(html), all)).toBe(sign);
    },
  );

  it('prefers the command that asks for Shift when Shift is held, wherever it stands', () => {
    const cross: Command = { id: 'cross', title: '十字線', keys: ['x'], run: vi.fn() };
    const insert: Command = { id: 'insert', title: '計測値を挿入', keys: ['shift+x'], run: vi.fn() };

    expect(commandFor(press('X', { shiftKey: true }), null, [cross, insert])).toBe(insert);
    expect(commandFor(press('x'), null, [cross, insert])).toBe(cross);
    expect(commandFor(press('X', { shiftKey: true }), null, [cross])).toBe(cross);
  });

  it('leaves Space to a button that has the focus', () => {
    expect(commandFor(press(' '), element('<button>x</button>'), all)).toBeNull();
  });
});

describe('the handler', () => {
  beforeEach(() => {
    document.body.innerHTML = '';
    commandStore.set({ layers: [() => all] });
  });

  it('runs and keeps the browser from acting too', () => {
    const event = press('j');
    handleKey(event);
    expect(down.run).toHaveBeenCalledOnce();
    expect(event.defaultPrevented).toBe(true);
  });

  it('stays silent while a dialog is open', () => {
    document.body.innerHTML = '<div role="dialog"></div>';
    const event = press('ArrowDown');
    handleKey(event);
    expect(event.defaultPrevented).toBe(false);
  });
});
