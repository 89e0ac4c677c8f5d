import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Preferences } from '@/api/contract';
import { Problem } from '@/api/problem';
import { type Kept, NO_SETTINGS, Settings } from './settings';

const withKeys = (keys: Preferences['keys']): Preferences => ({ ...NO_SETTINGS, keys });
const give = (id: string, key: string) => (now: Preferences) => ({
  ...now,
  keys: { ...now.keys, [id]: [key] },
});

/** A hub that keeps one document and refuses stale saves, as the real one does. */
class Hub {
  kept: Kept = { document: NO_SETTINGS, revision: 0 };
  fault: Problem | null = null;
  saves = 0;
  load = async (): Promise<Kept> => {
    if (this.fault) throw this.fault;
    return this.kept;
  };
  save = async ({ document, revision }: Kept): Promise<Kept> => {
    this.saves += 1;
    if (this.fault) throw this.fault;
    if (revision !== this.kept.revision)
      throw new Problem(409, 'preferences.conflict', '', { theirs: this.kept });
    this.kept = { document, revision: revision + 1 };
    return this.kept;
  };
}

let hub: Hub;
let troubles: string[];
const machine = (): Settings => new Settings(hub, (_error, what) => troubles.push(what));

beforeEach(() => {
  vi.useFakeTimers();
  hub = new Hub();
  troubles = [];
});

describe('settings', () => {
  it('are kept a moment after a change, once', async () => {
    const here = machine();
    await here.begin(1);
    here.change(give('a', 'x'));
    here.change(give('b', 'y'));
    expect(hub.saves).toBe(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(hub.saves).toBe(1);
    expect(hub.kept.document.keys).toEqual({ a: ['x'], b: ['y'] });
    expect(here.store.get().state).toBe('saved');
  });

  it('are there on another machine', async () => {
    hub.kept = { document: withKeys({ a: ['x'] }), revision: 4 };
    const there = machine();
    await there.begin(1);
    expect(there.store.get().document.keys).toEqual({ a: ['x'] });
  });

  it('of two machines do not undo each other', async () => {
    const [here, there] = [machine(), machine()];
    await Promise.all([here.begin(1), there.begin(1)]);
    here.change(give('a', 'x'));
    there.change(give('b', 'y'));
    await here.flush();
    await there.flush();
    expect(hub.kept.document.keys).toEqual({ a: ['x'], b: ['y'] });
    expect(there.store.get().document.keys).toEqual({ a: ['x'], b: ['y'] });
    expect(troubles).toEqual([]);
  });

  it('changed before they were read are changed in what was read', async () => {
    hub.kept = { document: withKeys({ a: ['x'] }), revision: 2 };
    const here = machine();
    const known = here.begin(1);
    here.change(give('b', 'y'));
    await known;
    await here.flush();
    expect(hub.kept.document.keys).toEqual({ a: ['x'], b: ['y'] });
  });

  it('say once that they could not be kept, work here, and are kept when the line is back', async () => {
    const here = machine();
    await here.begin(1);
    hub.fault = new Problem(0, 'line.down', '');
    here.change(give('a', 'x'));
    await here.flush();
    here.change(give('b', 'y'));
    await here.flush();
    expect(troubles).toEqual(['save']);
    expect(here.store.get()).toMatchObject({ state: 'failed', document: { keys: { a: ['x'], b: ['y'] } } });
    hub.fault = null;
    await vi.advanceTimersByTimeAsync(21_000);
    expect(hub.kept.document.keys).toEqual({ a: ['x'], b: ['y'] });
    expect(here.store.get().state).toBe('saved');
  });

  it('that cannot be read are the standard ones, and overwrite nothing', async () => {
    hub.kept = { document: withKeys({ a: ['x'] }), revision: 3 };
    hub.fault = new Problem(503, 'unavailable', '');
    const here = machine();
    await here.begin(1);
    expect(troubles).toEqual(['load']);
    expect(here.store.get().document).toEqual(NO_SETTINGS);
    hub.fault = null;
    here.change(give('b', 'y'));
    await here.flush();
    expect(hub.kept.document.keys).toEqual({ a: ['x'], b: ['y'] });
  });

  it('of one person are never kept for the next at the same screen', async () => {
    const here = machine();
    await here.begin(1);
    here.change(give('a', 'x'));
    await here.begin(2);
    await vi.advanceTimersByTimeAsync(5000);
    expect(hub.saves).toBe(0);
    expect(here.store.get().document).toEqual(NO_SETTINGS);
  });

  it('that say the same are not sent', async () => {
    const here = machine();
    await here.begin(1);
    here.change((now) => ({ ...now }));
    await here.flush();
    expect(hub.saves).toBe(0);
  });
});
