import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { curtain, drawCurtain } from '@/ui/curtain';
import { PRESENCE, presenceMessage } from './channel';
import { heard, presenceAt, ruleOf } from './idle';
import { warning, watchPresence } from './presence';

const TEN = ruleOf(10);
const MINUTE = 60_000;

describe('whether somebody is there', () => {
  it.each([
    [0, 'here'],
    [9 * MINUTE, 'here'],
    [9.5 * MINUTE - 1, 'here'],
    [9.5 * MINUTE, 'warned'],
    [10 * MINUTE - 1, 'warned'],
    [10 * MINUTE, 'away'],
    [12 * 60 * MINUTE, 'away'],
  ])('%i ms after the last input: %s', (since, wanted) => {
    expect(presenceAt(1_000, 1_000 + since, TEN).state).toBe(wanted);
  });

  it('nobody is away where nothing is set', () => {
    expect(presenceAt(0, 1e12, ruleOf(0)).state).toBe('here');
  });

  it('input elsewhere counts, but not from the future and not from before', () => {
    expect([heard(5, 9, 20), heard(5, 30, 20), heard(5, 3, 20)]).toEqual([9, 20, 5]);
  });
});

it.each<[unknown, boolean]>([
  [{ kind: 'input', at: 3, person: 1 }, true],
  [{ kind: 'input', at: Number.POSITIVE_INFINITY, person: 1 }, false],
  [{ kind: 'ended', person: 1 }, true],
  [{ kind: 'ended' }, false],
  [{ kind: 'saved', ask: 'a', isSaved: true, person: 1 }, true],
  [{ kind: 'saved', ask: 'a', person: 1 }, false],
  [{ kind: 'lift', person: 1 }, false],
  ['ended', false],
])('%j is heard: %s', (data, wanted) => {
  expect(presenceMessage(data) !== null).toBe(wanted);
});

class Channel {
  static all: Channel[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  said: unknown[] = [];
  readonly name: string;
  constructor(name: string) {
    this.name = name;
    Channel.all.push(this);
  }
  postMessage(data: unknown): void {
    this.said.push(data);
  }
  close(): void {
    this.onmessage = null;
  }
}

describe('a window that is watched', () => {
  let stop: () => void = () => undefined;
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('BroadcastChannel', Channel);
    Channel.all = [];
    stop = watchPresence(2, 10);
  });
  afterEach(() => {
    stop();
    drawCurtain({ session: null });
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  const hear = (data: unknown): void =>
    Channel.all.find(({ name }) => name === PRESENCE)?.onmessage?.({ data });

  it('warns half a minute before, and is emptied', () => {
    vi.advanceTimersByTime(9.5 * MINUTE);
    expect([warning.get().seconds, curtain.get().session]).toEqual([30, null]);
    vi.advanceTimersByTime(MINUTE / 2);
    expect([warning.get().seconds, curtain.get().session]).toEqual([null, 'idle']);
    expect(Channel.all[0]?.said).toContainEqual({ kind: 'away', person: 2 });
  });

  it('stays while the same person is at another window, and not for anybody else', () => {
    vi.advanceTimersByTime(9.5 * MINUTE);
    hear({ kind: 'input', at: Date.now(), person: 3 });
    expect(warning.get().seconds).toBe(30);
    hear({ kind: 'input', at: Date.now(), person: 2 });
    expect(warning.get().seconds).toBeNull();
    vi.advanceTimersByTime(9 * MINUTE);
    expect(curtain.get().session).toBeNull();
  });

  it('does not believe that nobody is there when somebody is', () => {
    vi.advanceTimersByTime(MINUTE);
    hear({ kind: 'away', person: 2 });
    expect(curtain.get().session).toBeNull();
  });

  it('is not opened by input once it is emptied', () => {
    vi.advanceTimersByTime(10 * MINUTE);
    hear({ kind: 'input', at: Date.now(), person: 2 });
    vi.advanceTimersByTime(2_000);
    expect(curtain.get().session).toBe('idle');
  });
});
