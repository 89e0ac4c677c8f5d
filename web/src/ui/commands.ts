import { useEffect, useRef } from 'react';
import { createStore } from './store';

/** Everything a person can do. Buttons, shortcuts, the palette and the help list are all drawn from these. */
export interface Command {
  id: string;
  title: string;
  /** Alternatives such as `['j', 'ArrowDown']`, `['mod+Enter']`; matched on `event.key`. */
  keys?: readonly string[];
  group?: string;
  when?: () => boolean;
  run: () => void;
}

export const commandStore = createStore<{
  layers: readonly (() => readonly Command[])[];
  isPaletteOpen: boolean;
  isHelpOpen: boolean;
}>({
  layers: [],
  isPaletteOpen: false,
  isHelpOpen: false,
});

/** Those of the innermost screen first. */
export const openCommands = (): Command[] =>
  [...commandStore.get().layers]
    .reverse()
    .flatMap((layer) => [...layer()])
    .filter((command) => command.when?.() ?? true);

/** A screen offers its commands while it is mounted. */
export function useCommands(commands: readonly Command[]): void {
  const latest = useRef(commands);
  latest.current = commands;
  useEffect(() => {
    const layer = (): readonly Command[] => latest.current;
    commandStore.set(({ layers }) => ({ layers: [...layers, layer] }));
    return () => commandStore.set(({ layers }) => ({ layers: layers.filter((one) => one !== layer) }));
  }, []);
}

interface KeyLike {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
  keyCode: number;
}

/** The Japanese input method owns the keyboard while it composes; keyCode 229 covers the key that ends a composition in Safari. */
export const isInputMethod = (event: Pick<KeyLike, 'isComposing' | 'keyCode'>): boolean =>
  event.isComposing || event.keyCode === 229;

export function matchesKeys(event: KeyLike, keys: string): boolean {
  const parts = keys.split('+');
  const key = parts.pop() || '+';
  const mod = event.ctrlKey || event.metaKey;
  if (mod !== parts.includes('mod') || event.altKey !== parts.includes('alt')) return false;
  if (parts.includes('shift') && !event.shiftKey) return false;
  const wanted = key === 'Space' ? ' ' : key;
  /* With Ctrl, Shift makes another shortcut; on its own it only changes the letter that arrives. */
  if (!parts.includes('shift') && event.shiftKey && (wanted.length > 1 || mod)) return false;
  return wanted.length === 1 ? event.key.toLowerCase() === wanted.toLowerCase() : event.key === wanted;
}

export function isTypingPlace(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  const typing = target.closest('input, textarea, select');
  return typing !== null && !/^(checkbox|radio|button)$/.test((typing as HTMLInputElement).type);
}

/** Space and Enter belong to the control that has the focus. */
function isPressOnControl(event: KeyLike, target: EventTarget | null): boolean {
  return (
    (event.key === ' ' || event.key === 'Enter') &&
    !event.ctrlKey &&
    !event.metaKey &&
    target instanceof HTMLElement &&
    target.closest('button, a[href], summary, [role="button"], [role="tab"], [role="menuitem"], input') !==
      null
  );
}

/** Arrows belong to a radio group that was reached by keyboard; one that was clicked gives them back to the room. */
function isArrowInGroup(event: KeyLike, target: EventTarget | null): boolean {
  return (
    event.key.startsWith('Arrow') &&
    target instanceof HTMLInputElement &&
    target.type === 'radio' &&
    target.matches(':focus-visible')
  );
}

/** The command a key press means here and now, or null when the key is somebody else's. */
export function commandFor(
  event: KeyLike,
  target: EventTarget | null,
  commands: readonly Command[],
): Command | null {
  if (isInputMethod(event)) return null;
  const mayUse = (keys: string): boolean => !isTypingPlace(target) || keys.includes('mod+');
  if (isPressOnControl(event, target) || isArrowInGroup(event, target)) return null;
  const meant = (command: Command, isMeant: (keys: string) => boolean): boolean =>
    command.keys?.some((keys) => mayUse(keys) && isMeant(keys) && matchesKeys(event, keys)) === true;
  /* Shift makes another letter, so a key may mean two commands: the one that asks for Shift is meant. */
  const shifted = event.shiftKey
    ? commands.find((one) => meant(one, (keys) => keys.includes('shift+')))
    : null;
  return shifted ?? commands.find((one) => meant(one, () => true)) ?? null;
}

const isDialogOpen = (): boolean =>
  document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]') !== null;

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || isDialogOpen()) return;
  const command = commandFor(event, event.target, openCommands());
  if (!command) return;
  event.preventDefault();
  event.stopPropagation();
  command.run();
}

const KEY_NAMES: Record<string, string> = {
  mod: 'Ctrl',
  shift: 'Shift',
  alt: 'Alt',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

export function keysText(keys: string): string {
  const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return keys
    .split('+')
    .map((key) =>
      key === 'mod' && isMac ? '⌘' : (KEY_NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)),
    )
    .join(isMac ? '' : '+');
}
