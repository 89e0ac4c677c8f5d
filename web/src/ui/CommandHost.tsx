import { Modal, TextInput } from '@mantine/core';
import { type KeyboardEvent, useEffect, useMemo, useState } from 'react';
import { useWords } from '@/words';
import { type Command, commandStore, handleKey, isInputMethod, openCommands } from './commands';
import { KeyList } from './KeyList';
import { Keys } from './Keys';
import { useStore } from './store';
import './commands.css';

const closePalette = (): void => commandStore.set({ isPaletteOpen: false });

function Palette() {
  const words = useWords();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const all = useMemo(openCommands, []);
  const found = all.filter(({ title }) => title.toLowerCase().includes(query.trim().toLowerCase()));
  const run = (command: Command | undefined): void => {
    if (!command) return;
    closePalette();
    /* The dialog must be gone first: a command may open another one or move the focus. */
    setTimeout(command.run, 0);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isInputMethod(event.nativeEvent)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((now) => Math.min(found.length - 1, Math.max(0, now + step)));
    else if (event.key === 'Enter') run(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened
      onClose={closePalette}
      title={words.common.command.palette}
      size="lg"
      yOffset="12vh"
      centered={false}
    >
      <TextInput
        aria-label={words.common.command.placeholder}
        placeholder={words.common.command.placeholder}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        /* In the moment it appears: the dialog itself moves the focus later, and the first letters would be lost. */
        autoFocus
        data-autofocus
      />
      <ul className="palette">
        {found.map((command, index) => (
          <li key={command.id}>
            <button type="button" className={index === at ? 'chosen' : ''} onClick={() => run(command)}>
              <span>{command.title}</span>
              <Keys command={command} />
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="muted">{words.common.command.noMatch}</p>}
    </Modal>
  );
}

export function CommandHost() {
  const isPaletteOpen = useStore(commandStore, (state) => state.isPaletteOpen);
  const isHelpOpen = useStore(commandStore, (state) => state.isHelpOpen);
  useEffect(() => {
    /* Before anybody else: the image engine swallows every key that reaches a picture. */
    window.addEventListener('keydown', handleKey, true);
    return () => window.removeEventListener('keydown', handleKey, true);
  }, []);
  return (
    <>
      {isPaletteOpen && <Palette />}
      {isHelpOpen && <KeyList />}
    </>
  );
}
