/** One person at one or more windows: input anywhere counts everywhere, and no window shows anything once nobody is there. */

import { meQuery, queries } from '@/api/cache';
import { me } from '@/api/hub';
import { curtain, drawCurtain, hasWork, type SessionCurtain, saveWork } from '@/ui/curtain';
import { newId } from '@/ui/ids';
import { createStore } from '@/ui/store';
import { PRESENCE, type PresenceMessage, type PresenceSay, presenceMessage } from './channel';
import { heard, type IdleRule, presenceAt, ruleOf } from './idle';

const LOOK_MS = 1_000;
const TELL_MS = 1_000;
const ANSWER_MS = 600;
const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

/** Seconds left before the screen is emptied; null while there is no need to say so. */
export const warning = createStore<{ seconds: number | null }>({ seconds: null });

const now = (): number => Date.now();

let person: number | null = null;
let rule: IdleRule = ruleOf(0);
let lastInput = 0;
let lastTold = 0;
let lastPlace = '';
let channel: BroadcastChannel | null = null;

const say = (message: PresenceSay): void => {
  if (person !== null) channel?.postMessage({ ...message, person } satisfies PresenceMessage);
};

function empty(reason: SessionCurtain): void {
  warning.set({ seconds: null });
  drawCurtain({ session: reason });
  void saveWork();
}

function look(): void {
  if (curtain.get().session) return;
  const presence = presenceAt(lastInput, now(), rule);
  if (presence.state === 'away') {
    empty('idle');
    say({ kind: 'away' });
    return;
  }
  const seconds = presence.state === 'warned' ? Math.ceil(presence.leftMs / 1000) : null;
  if (seconds === warning.get().seconds) return;
  if (seconds !== null && warning.get().seconds === null) void saveWork();
  warning.set({ seconds });
}

/** The browser sends moves of a mouse that lies still when the page under it changes; those are nobody's. */
function isMove(event: Event): boolean {
  if (event.type !== 'pointermove' || !(event instanceof PointerEvent)) return true;
  const place = `${event.screenX},${event.screenY}`;
  const isSame = place === lastPlace;
  lastPlace = place;
  return !isSame;
}

function noteInput(event: Event): void {
  if (!event.isTrusted || !isMove(event) || curtain.get().session) return;
  const at = now();
  /* Who sat down at a machine that slept finds it locked, however quickly they move the mouse. */
  look();
  if (curtain.get().session) return;
  lastInput = heard(lastInput, at, at);
  if (at - lastTold < TELL_MS && warning.get().seconds === null) return;
  lastTold = at;
  say({ kind: 'input', at });
  look();
}

/** The hub says whether this person may go on; it decides, not the message. */
export async function mayGoOn(): Promise<'yes' | 'prove' | 'ended' | 'other'> {
  const found = await me.get();
  const { stage, elevated_until, server_time } = found;
  if (stage !== 'full') return 'ended';
  if (found.person?.id !== person) return 'other';
  queries.setQueryData(meQuery.queryKey, found);
  const until = elevated_until === null ? 0 : Date.parse(elevated_until);
  return until > Date.parse(server_time) ? 'yes' : 'prove';
}

/** Somebody is there again, and was asked who. */
export function comeBack(): void {
  lastInput = now();
  drawCurtain({ session: null });
  say({ kind: 'back' });
  void saveWork();
}

/** Another window was told that the person is there: this one believes the hub. */
async function followBack(): Promise<void> {
  if (!curtain.get().session) return;
  const answer = await mayGoOn().catch(() => null);
  if (answer !== 'yes' || !curtain.get().session) return;
  lastInput = now();
  drawCurtain({ session: null });
}

/** A real page load: no image, no cache entry and no listener survives it. A window a script opened goes as a whole. */
export function leave(): void {
  if (window.opener) window.close();
  window.location.replace('/sign-in?ended=true');
}

/** The session is over: nothing is shown any more, and what is not saved stays here, unseen, until its author is back. */
export async function endHere(isTold: boolean): Promise<void> {
  /* What is tried again behind the curtain is refused again; that is no news. */
  if (curtain.get().session === 'ended') return;
  drawCurtain({ session: 'ended' });
  if (!isTold) say({ kind: 'ended' });
  if (isTold) {
    const answer = await mayGoOn().catch(() => null);
    if (answer === 'yes' || answer === 'prove') {
      drawCurtain({ session: null });
      return;
    }
  }
  if (await saveWork()) leave();
}

/** Every other window saves; false when one of them could not. What one saves too slowly to say so stays with it, covered. */
export function saveElsewhere(): Promise<boolean> {
  const ask = newId();
  const open = new BroadcastChannel(PRESENCE);
  return new Promise((resolve) => {
    const finish = (isSaved: boolean): void => {
      clearTimeout(timer);
      open.close();
      resolve(isSaved);
    };
    const timer = setTimeout(() => finish(true), ANSWER_MS);
    open.onmessage = ({ data }) => {
      const message = presenceMessage(data);
      if (message?.kind === 'saved' && message.ask === ask && !message.isSaved) finish(false);
    };
    say({ kind: 'save', ask });
  });
}

function hear({ data }: MessageEvent): void {
  const message = presenceMessage(data);
  if (!message || message.person !== person) return;
  if (message.kind === 'input') {
    lastInput = heard(lastInput, message.at, now());
    look();
  } else if (message.kind === 'away') look();
  else if (message.kind === 'back') void followBack();
  else if (message.kind === 'ended') void endHere(true);
  else if (message.kind === 'save' && hasWork())
    void saveWork().then((isSaved) => say({ kind: 'saved', ask: message.ask, isSaved }));
}

/** This person ended the session here; the other windows must not wait until the hub refuses them. */
export const tellEnded = (): void => say({ kind: 'ended' });

/** While a person is signed in. Timers of hidden windows are slow: whoever notices first tells the others, messages are not. */
export function watchPresence(of: number, minutes: number): () => void {
  person = of;
  rule = ruleOf(minutes);
  lastInput = now();
  channel = new BroadcastChannel(PRESENCE);
  channel.onmessage = hear;
  say({ kind: 'input', at: lastInput });
  const timer = setInterval(look, LOOK_MS);
  for (const name of INPUTS) window.addEventListener(name, noteInput, { capture: true, passive: true });
  const seen = (): void => look();
  document.addEventListener('visibilitychange', seen);
  window.addEventListener('focus', seen);
  return () => {
    clearInterval(timer);
    for (const name of INPUTS) window.removeEventListener(name, noteInput, { capture: true });
    document.removeEventListener('visibilitychange', seen);
    window.removeEventListener('focus', seen);
    channel?.close();
    channel = null;
    person = null;
    warning.set({ seconds: null });
  };
}
