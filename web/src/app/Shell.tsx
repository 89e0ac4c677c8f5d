import { Button, Menu } from '@mantine/core';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { usePerson } from '@/api/cache';
import { type Command, commandStore, keysText, useCommands } from '@/ui/commands';
import { settings } from '@/ui/settings';
import { useStore } from '@/ui/store';
import { chooseScheme, useScheme } from '@/ui/theme';
import { speak, useWords } from '@/words';
import { AlarmBanner } from './AlarmBanner';
import { AskBackCount } from './AskBackCount';
import { warmRoom } from './early';
import { lineStore, listen } from './live';
import { PaperCount } from './PaperCount';
import { placesOf, seesStatus } from './places';
import { PresenceCover } from './presence/PresenceCover';
import { watchPresence } from './presence/presence';
import { ResolutionCount } from './ResolutionCount';
import { signOut } from './signout';
import './shell.css';

function LineMark() {
  const words = useWords();
  const line = useStore(lineStore, (state) => state.line);
  return (
    <span className={`line ${line}`} role="status" title={line === 'down' ? words.line.downNote : undefined}>
      <svg width="9" height="9" viewBox="0 0 10 10" aria-hidden="true">
        {line === 'up' ? <circle cx="5" cy="5" r="4.5" /> : <path d="M0 0l10 10M10 0L0 10" />}
      </svg>
      {words.line[line]}
    </span>
  );
}

function useShellCommands(): Command[] {
  const words = useWords();
  const person = usePerson();
  const scheme = useScheme();
  const navigate = useNavigate();
  const places = placesOf(person);
  return [
    ...places.map((place) => ({
      id: `go${place.to}`,
      title: words.nav.go(place.title(words)),
      run: () => void navigate({ to: place.to }),
    })),
    {
      id: 'go/me/sessions',
      title: words.nav.go(words.nav.sessions),
      run: () => void navigate({ to: '/me/sessions' }),
    },
    {
      id: 'go/me/hanging',
      title: words.nav.go(words.nav.hanging),
      run: () => void navigate({ to: '/me/hanging' }),
    },
    {
      id: 'palette',
      title: words.common.command.palette,
      keys: ['mod+k'],
      run: () => commandStore.set({ isPaletteOpen: true }),
    },
    {
      id: 'help',
      title: words.common.command.help,
      keys: ['?'],
      run: () => commandStore.set({ isHelpOpen: true }),
    },
    {
      id: 'theme',
      title: scheme === 'dark' ? words.session.theme.light : words.session.theme.dark,
      run: () => chooseScheme(scheme === 'dark' ? 'light' : 'dark'),
    },
    {
      id: 'language',
      title: words.session.language,
      run: () => speak(words.session.language === 'English' ? 'en' : 'ja'),
    },
    { id: 'sign-out', title: words.session.signOut, run: () => void signOut() },
  ];
}

function PersonMenu({ commands }: { commands: readonly Command[] }) {
  const words = useWords();
  const person = usePerson();
  const shown = ['go/me/sessions', 'go/me/hanging', 'help', 'theme', 'language', 'sign-out'];
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          aria-label={`${words.common.menu}: ${person.person?.name ?? ''}`}
        >
          {person.person?.name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{person.roles.map((role) => words.roles[role]).join('・')}</Menu.Label>
        {commands
          .filter(({ id }) => shown.includes(id))
          .map((command) => (
            <Menu.Item key={command.id} onClick={command.run}>
              {command.title}
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The frame of every room: where one can go, who one is, whether the line is up. */
export function Shell() {
  const words = useWords();
  const person = usePerson();
  const commands = useShellCommands();
  useCommands(commands);
  useEffect(listen, []);
  const owner = person.person?.id;
  /* The children ask for the settings when they open; they are on their way by then. */
  if (owner !== undefined) void settings.begin(owner);
  /* Whose screen it is stays known when the session ends: only this person may go on here. */
  const keeper = useRef(owner);
  keeper.current = owner ?? keeper.current;
  const watched = keeper.current;
  useEffect(
    () => (watched === undefined ? undefined : watchPresence(watched, person.idle_minutes)),
    [watched, person.idle_minutes],
  );
  const mayLook = person.permissions.some((one) => one === 'study:read' || one === 'reading:claim');
  useEffect(() => {
    if (mayLook) warmRoom();
  }, [mayLook]);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const isReadingRoom = path.startsWith('/reading/');
  return (
    <div className={isReadingRoom ? 'shell bare' : 'shell'}>
      <a href="#main" className="skip">
        {words.common.toMain}
      </a>
      {!isReadingRoom && (
        <div>
          <header className="topbar no-print">
            <Link to="/" className="brandmark">
              <img src="/icon.svg" alt="" width="20" height="20" />
              <strong>{words.common.app}</strong>
            </Link>
            <nav aria-label={words.common.menu}>
              {placesOf(person).map((place) => (
                <Link
                  key={place.to}
                  to={place.to}
                  activeProps={{ className: 'active', 'aria-current': 'page' }}
                >
                  {place.title(words)}
                  {place.to === '/ask-backs' && <AskBackCount />}
                  {place.to === '/papers' && <PaperCount />}
                  {place.to === '/resolution' && <ResolutionCount />}
                </Link>
              ))}
            </nav>
            <button
              type="button"
              className="palette-hint"
              onClick={() => commandStore.set({ isPaletteOpen: true })}
            >
              {words.common.command.palette} <kbd>{keysText('mod+k')}</kbd>
            </button>
            <LineMark />
            {person.support_phone && <span className="muted num phone">{person.support_phone}</span>}
            <PersonMenu commands={commands} />
          </header>
          {seesStatus(person) && <AlarmBanner />}
        </div>
      )}
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <PresenceCover />
    </div>
  );
}
