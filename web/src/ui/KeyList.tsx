import { Button, Modal, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useWords } from '@/words';
import { allCommands, type Command, commandStore, isInputMethod, keysText } from './commands';
import { Keys } from './Keys';
import { giveKey, holdersOf, pressedKeys, resetAllKeys, resetKeys, whyReserved } from './keys';
import { settings } from './settings';
import { useStore } from './store';

interface Wish {
  command: Command;
  /** Pressed, but another command of this screen has it. */
  keys: string | null;
  note: string;
}

/** Hears the next key for a command. The dialog hears nothing of it meanwhile, not even Escape. */
function useNextKey(wish: Wish | null, hear: (event: KeyboardEvent) => void): void {
  useEffect(() => {
    if (!wish || wish.keys) return;
    const listen = (event: KeyboardEvent): void => {
      event.stopImmediatePropagation();
      if (isInputMethod(event)) return;
      event.preventDefault();
      hear(event);
    };
    window.addEventListener('keydown', listen, true);
    return () => window.removeEventListener('keydown', listen, true);
  });
}

function WishLine({ wish, commands, onDone }: { wish: Wish; commands: Command[]; onDone: () => void }) {
  const w = useWords().common.command;
  const { keys, command, note } = wish;
  if (!keys) {
    return (
      <dd className="key-wish">
        <span role="status">
          <b>{w.pressKey}</b> {note}
        </span>
      </dd>
    );
  }
  const holders = holdersOf(keys, commands, command.id).map((one) => one.title);
  return (
    <dd className="key-wish">
      <span role="alert">{w.keyTaken(keysText(keys), holders.join('」「'))}</span>
      <Button
        size="compact-xs"
        variant="filled"
        data-autofocus
        onClick={() => {
          giveKey(command, keys, commands);
          onDone();
        }}
      >
        {w.takeOver}
      </Button>
      <Button size="compact-xs" onClick={onDone}>
        {w.leaveKey}
      </Button>
    </dd>
  );
}

function Row(props: {
  command: Command;
  commands: Command[];
  wish: Wish | null;
  onWish: (wish: Wish | null) => void;
}) {
  const w = useWords().common.command;
  const { command, commands, wish, onWish } = props;
  const isOwn = settings.store.get().document.keys[command.id] !== undefined;
  const shared = (command.keys ?? []).flatMap((keys) => holdersOf(keys, commands, command.id));
  return (
    <div className={wish ? 'key-row asking' : 'key-row'}>
      <dt>
        {command.title}
        {isOwn && <span className="muted"> {w.own}</span>}
        {isOwn && shared[0] && <span className="bad"> {w.sharedWith(shared[0].title)}</span>}
      </dt>
      <dd>
        {command.keys?.length ? <Keys command={command} /> : <span className="muted">{w.noKey}</span>}
        {isOwn && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => resetKeys(command.id)}
            aria-label={w.resetOne(command.title)}
          >
            {w.reset}
          </Button>
        )}
        <Button
          size="compact-xs"
          variant="subtle"
          aria-label={w.changeOne(command.title)}
          onClick={() => onWish({ command, keys: null, note: '' })}
        >
          {w.change}
        </Button>
      </dd>
      {wish && <WishLine wish={wish} commands={commands} onDone={() => onWish(null)} />}
    </div>
  );
}

/** Each command of the screen once: the innermost that has the name. */
const once = (commands: Command[]): Command[] =>
  commands.filter((one, at) => commands.findIndex(({ id }) => id === one.id) === at);

/** What every key does here, and where this person gives the commands other keys. */
export function KeyList() {
  const words = useWords();
  const w = words.common.command;
  const own = useStore(settings.store, ({ document }) => document.keys);
  const state = useStore(settings.store, (now) => now.state);
  const [query, setQuery] = useState('');
  const [wish, setWish] = useState<Wish | null>(null);
  const commands = once(allCommands());
  useNextKey(wish, (event) => {
    if (!wish || event.key === 'Escape') {
      setWish(null);
      return;
    }
    const keys = pressedKeys(event);
    if (!keys) return;
    const reserved = whyReserved(keys);
    if (reserved) setWish({ ...wish, note: w.reserved[reserved](keysText(keys)) });
    else if (holdersOf(keys, commands, wish.command.id).length > 0) setWish({ ...wish, keys });
    else {
      giveKey(wish.command, keys, commands);
      setWish(null);
    }
  });
  const wanted = query.trim().toLowerCase();
  const shown = commands.filter(
    ({ title, keys }) =>
      title.toLowerCase().includes(wanted) || keys?.some((one) => keysText(one).toLowerCase() === wanted),
  );
  return (
    <Modal
      opened
      onClose={() => commandStore.set({ isHelpOpen: false })}
      title={w.help}
      size="xl"
      closeOnEscape={!wish}
    >
      <div className="key-head">
        <TextInput
          aria-label={w.filterKeys}
          placeholder={w.filterKeys}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <span className="muted" role="status">
          {state === 'failed' ? w.keysUnsaved : state === 'saved' ? '' : w.keysSaving}
        </span>
        <Button size="compact-sm" disabled={Object.keys(own).length === 0} onClick={resetAllKeys}>
          {w.resetAll}
        </Button>
      </div>
      <dl className="key-list">
        {shown.map((command) => (
          <Row
            key={command.id}
            command={command}
            commands={commands}
            wish={wish?.command.id === command.id ? wish : null}
            onWish={setWish}
          />
        ))}
      </dl>
      <p className="muted">{w.helpNote}</p>
    </Modal>
  );
}
