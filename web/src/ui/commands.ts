import { useEffect, useRef } from 'react';
import { isInputMethod } from './inputMethod';
import { type KeyLike, matchesKeys, withOwnKeys } from './keys';
import { createStore } from './store';

export { isInputMethod } from './inputMethod';
export { keysText, matchesKeys } from './keys';

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

/** Every command of the screens that are open, those of the innermost first, with this person's keys. */
export const allCommands = (): Command[] =>
  [...commandStore.get().layers].reverse().flatMap((layer) => layer().map(withOwnKeys));

export const openCommands = (): Command[] => allCommands().filter((command) => command.when?.() ?? true);

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
  const means = (keys: string): boolean => mayUse(keys) && matchesKeys(event, keys);
  /* A letter alone is meant with Shift too, unless a command asks for just that. */
  const exact = commands.find((command) =>
    command.keys?.some((keys) => means(keys) && (!event.shiftKey || keys.includes('shift+'))),
  );
  return exact ?? commands.find((command) => command.keys?.some(means)) ?? null;
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
