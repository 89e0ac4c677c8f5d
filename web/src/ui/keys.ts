/** Keys as text (`mod+shift+z`): what was pressed, what belongs to the browser, and whose a key is. */
import { isInputMethod } from './inputMethod';
import { settings, useSettings } from './settings';

export interface KeyLike {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
  keyCode: number;
}

interface Keyed {
  id: string;
  keys?: readonly string[];
}

/** The keys a command has for this person: their own, or those it came with. */
export const keysOf = (command: Keyed): readonly string[] =>
  settings.store.get().document.keys[command.id] ?? command.keys ?? [];

export const withOwnKeys = <Command extends Keyed>(command: Command): Command => ({
  ...command,
  keys: keysOf(command),
});

/** The same commands with this person's keys; draws anew when these change. */
export function useOwnKeys<Command extends Keyed>(commands: readonly Command[]): Command[] {
  useSettings(({ keys }) => keys);
  return commands.map(withOwnKeys);
}

export const isLetter = (key: string): boolean => key.length === 1 && key.toLowerCase() !== key.toUpperCase();

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

const NOT_KEYS = ['Control', 'Shift', 'Alt', 'Meta', 'CapsLock', 'NumLock', 'Fn', 'ContextMenu'];
const OF_THE_INPUT_METHOD =
  /^(Process|Dead|Unidentified|Zenkaku|Hankaku|ZenkakuHankaku|Hiragana|Katakana|Romaji|KanaMode|KanjiMode|Eisu|Convert|NonConvert|Alphanumeric)/;

/** What was pressed, as a command's keys are written; null for what is no key by itself or belongs to the input method. */
export function pressedKeys(event: KeyLike): string | null {
  if (isInputMethod(event) || NOT_KEYS.includes(event.key) || OF_THE_INPUT_METHOD.test(event.key))
    return null;
  const key = event.key === ' ' ? 'Space' : isLetter(event.key) ? event.key.toLowerCase() : event.key;
  const mods = [
    (event.ctrlKey || event.metaKey) && 'mod',
    event.altKey && 'alt',
    /* A sign such as `?` is what it is, however it was reached. */
    event.shiftKey && (key.length > 1 || isLetter(key) || event.ctrlKey || event.metaKey) && 'shift',
  ];
  return [...mods.filter(Boolean), key].join('+');
}

export type Reserved = 'browser' | 'screen' | 'editing';

const BROWSER =
  /^(F1|F3|F5|F6|F7|F10|F11|F12|mod\+(shift\+)?(w|t|n|r|q|p|o|j|h|l|d|u|s|i|Tab|F4|PageUp|PageDown|[0-9]|\+|-|=)|alt\+(.*))$/;
const SCREEN = /^(shift\+)?(Tab|Enter|Escape)$/;
const EDITING = /^mod\+[acvxf]$/;

/** Why a key may not be given to a command, or null. */
export function whyReserved(keys: string): Reserved | null {
  if (BROWSER.test(keys)) return 'browser';
  if (EDITING.test(keys)) return 'editing';
  return SCREEN.test(keys) ? 'screen' : null;
}

/** The other commands of this screen that have the key now. */
export const holdersOf = <Command extends Keyed>(
  keys: string,
  commands: readonly Command[],
  except: string,
): Command[] => commands.filter((one) => one.id !== except && keysOf(one).some((key) => isSame(key, keys)));

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Gives a key to a command alone; whoever else on this screen had it loses it. */
export function giveKey(command: Keyed, keys: string, commands: readonly Keyed[]): void {
  const losers = holdersOf(keys, commands, command.id).map((one): [string, string[]] => [
    one.id,
    keysOf(one).filter((key) => !isSame(key, keys)),
  ]);
  settings.change((document) => ({
    ...document,
    keys: { ...document.keys, ...Object.fromEntries(losers), [command.id]: [keys] },
  }));
}

export function resetKeys(id: string): void {
  settings.change((document) => {
    const { [id]: _gone, ...keys } = document.keys;
    return { ...document, keys };
  });
}

export const resetAllKeys = (): void => settings.change((document) => ({ ...document, keys: {} }));

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
