/** One window of a case among the others: hears and speaks, knows who is there, and blanks when they do not belong together. */

import { drawCurtain, saveWork } from '@/ui/curtain';
import { newId } from '@/ui/ids';
import { createStore, type Store } from '@/ui/store';
import {
  type Closing,
  type Differs,
  type Identity,
  type ImagesRole,
  type Kind,
  type Message,
  messageIn,
  type Role,
  type Say,
  type Saying,
} from './protocol';
import { type Blank, begin, type Happening, happen, mainOf, type Outcome, type Together } from './together';

/** This document; it stays the same when the main window goes on to another case. */
export const PAGE = newId();

const TAKEN_MS = 1_000;
const ALONE_MS = 4_000;

export const channelOf = (reading: number): string => `dokuei.case.${reading}`;
const roleLock = (reading: number, role: Role): string => `dokuei.case.${reading}.${role}`;
const windowLock = (session: string): string => `dokuei.window.${session}`;

/** A window tells that it lives by holding a lock: no timer is slowed down, and the browser itself lets go when it dies. */
export const areWindowsPossible = (): boolean =>
  'locks' in navigator && navigator.locks !== undefined && 'BroadcastChannel' in window;

/** Which windows of images of a case live now, as the browser knows before any of them has spoken. */
export async function imagesOf(reading: number): Promise<ImagesRole[]> {
  if (!areWindowsPossible()) return [];
  const { held } = await navigator.locks.query();
  const names = new Set(held?.map(({ name }) => name));
  return (['images-1', 'images-2'] as const).filter((role) => names.has(roleLock(reading, role)));
}

type Hearer = (say: Say, from: Message) => void;

export class CaseLink {
  readonly store: Store<Together>;
  readonly identity: Identity;
  readonly role: Role;
  readonly session = newId();
  private readonly channel: BroadcastChannel;
  private readonly hearers = new Map<Kind, Set<Hearer>>();
  private readonly ended = new AbortController();
  private release: () => void = () => undefined;

  constructor(identity: Identity, role: Role, takesOver = false) {
    this.identity = identity;
    this.role = role;
    this.store = createStore<Together>(begin(identity, role, this.session));
    this.channel = new BroadcastChannel(channelOf(identity.reading));
    this.channel.onmessage = ({ data }) => this.hear(data);
    void this.live(takesOver);
  }

  /** Speaks only for its own case. A window that shows nothing because of a mismatch says nothing more but that. */
  say(say: Say): void {
    if (this.ended.signal.aborted) return;
    const { identity, role } = this;
    this.channel.postMessage({ v: 1, identity, from: this.session, role, say } satisfies Message);
  }

  on<K extends Kind>(kind: K, hear: (say: Saying<K>, from: Message) => void): () => void {
    const all = this.hearers.get(kind) ?? new Set<Hearer>();
    this.hearers.set(kind, all);
    all.add(hear as Hearer);
    return () => all.delete(hear as Hearer);
  }

  /** The case ends in this window. What the main window closes is closed for all. */
  close(how: Closing | null = null): void {
    if (this.ended.signal.aborted) return;
    this.say(how && this.role === 'main' ? { kind: 'closed', how } : { kind: 'bye' });
    this.ended.abort();
    this.release();
    this.hearers.clear();
    /* What was just said is still delivered. */
    this.channel.onmessage = null;
    this.channel.close();
    if (this.store.get().blank) drawCurtain({ room: false });
  }

  /** The hub holds something else than stands here: no window of the case may go on showing it. */
  disagree(differs: readonly Differs[]): void {
    this.took(happen(this.store.get(), { type: 'disagreed', differs }));
  }

  get blank(): Blank | null {
    return this.store.get().blank;
  }

  private async live(takesOver: boolean): Promise<void> {
    const held = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    const isOver = (): boolean => this.ended.signal.aborted;
    /* First the sign of life, then the word: who hears it can wait for its end at once. */
    await new Promise<void>((resolve) => {
      void navigator.locks.request(windowLock(this.session), () => {
        resolve();
        return held;
      });
    });
    if (isOver()) return;
    this.claimRole(held, takesOver);
    this.say({ kind: 'hello', page: PAGE });
    if (this.role !== 'main')
      setTimeout(() => !isOver() && this.took(happen(this.store.get(), { type: 'alone' })), ALONE_MS);
  }

  /** One window a role: a second one shows nothing, unless its reader takes the case over. */
  private claimRole(held: Promise<void>, takesOver: boolean): void {
    const name = roleLock(this.identity.reading, this.role);
    const taken = (): void => {
      if (!this.ended.signal.aborted) this.took(happen(this.store.get(), { type: 'taken' }));
    };
    const late = AbortSignal.timeout(TAKEN_MS);
    const options = takesOver ? { steal: true } : { signal: late };
    /* Refused when the wait is over, and later when another window takes it away. */
    navigator.locks.request(name, options, () => held).catch(taken);
  }

  private hear(data: unknown): void {
    const message = messageIn(data);
    if (!message || this.ended.signal.aborted) return;
    const outcome = happen(this.store.get(), { type: 'heard', message });
    this.took(outcome);
    if (!outcome.mayAct) return;
    for (const hear of [...(this.hearers.get(message.say.kind) ?? [])]) hear(message.say, message);
  }

  private took({ state, answers }: Outcome): void {
    const before = this.store.get();
    this.store.set(state);
    if (state.blank !== before.blank) {
      drawCurtain({ room: state.blank !== null });
      void saveWork();
    }
    for (const answer of answers) this.say(answer.kind === 'here' ? { ...answer, page: PAGE } : answer);
    for (const peer of state.peers) if (!before.peers.includes(peer)) this.watch(peer.session);
  }

  private watch(session: string): void {
    const { signal } = this.ended;
    navigator.locks
      .request(windowLock(session), { mode: 'shared', signal }, () =>
        this.took(happen(this.store.get(), { type: 'lost', session } satisfies Happening)),
      )
      .catch(() => undefined);
  }

  get hasMain(): boolean {
    return this.role === 'main' || mainOf(this.store.get()) !== null;
  }
}
