/** The settings of the person at this screen. They live at the hub and follow the person to any machine. */
import type { Preferences } from '@/api/contract';
import { me } from '@/api/hub';
import { isProblem } from '@/api/problem';
import { createStore, type Store, useStore } from './store';

export interface Kept {
  document: Preferences;
  revision: number;
}

export interface Door {
  load: () => Promise<Kept>;
  save: (kept: Kept) => Promise<Kept>;
}

export interface SettingsState {
  document: Preferences;
  state: 'unread' | 'saved' | 'dirty' | 'saving' | 'failed';
  error: unknown;
}

type Change = (document: Preferences) => Preferences;

const QUIET_MS = 800;
const AGAIN_MS = 20_000;
const TRIES = 5;

export const NO_SETTINGS: Preferences = {
  version: 1,
  keys: {},
  viewer: { tool: null, layouts: {}, links: { slice: true, window: false, zoom: false } },
  hanging: { protocols: [], hidden: [] },
};

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' && value !== null && 'document' in value && 'revision' in value;

/**
 * Changes are kept as acts, not as results: when another machine saved in between, what was done here is done again to what stands
 * there, so neither loses anything but the very setting both changed.
 */
export class Settings {
  readonly store: Store<SettingsState> = createStore<SettingsState>({
    document: NO_SETTINGS,
    state: 'unread',
    error: null,
  });
  private readonly door: Door;
  private readonly onTrouble: (error: unknown, what: 'load' | 'save') => void;
  private revision = 0;
  private pending: Change[] = [];
  private owner: number | null = null;
  private reading: Promise<void> | null = null;
  private flight: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(door: Door, onTrouble: (error: unknown, what: 'load' | 'save') => void = () => undefined) {
    this.door = door;
    this.onTrouble = onTrouble;
  }

  /** Somebody is at the screen; what belonged to somebody else is gone, saved or not. */
  begin(owner: number): Promise<void> {
    if (this.owner === owner && this.reading) return this.reading;
    clearTimeout(this.timer);
    this.owner = owner;
    this.pending = [];
    this.revision = 0;
    this.store.set({ document: NO_SETTINGS, state: 'unread', error: null });
    this.reading = this.read(owner);
    return this.reading;
  }

  /** Resolves when the settings are known, or are known not to come; never refuses. */
  get known(): Promise<void> {
    return this.reading ?? Promise.resolve();
  }

  private async read(owner: number): Promise<void> {
    try {
      const kept = await this.door.load();
      if (this.owner === owner) this.adopt(kept);
    } catch (error) {
      if (this.owner !== owner) return;
      this.store.set({ state: 'failed', error });
      this.onTrouble(error, 'load');
    }
  }

  private adopt({ document, revision }: Kept): void {
    this.revision = revision;
    const state = this.pending.length > 0 ? 'dirty' : 'saved';
    this.store.set({ document: this.pending.reduce((now, act) => act(now), document), state, error: null });
    if (this.pending.length > 0) this.schedule(QUIET_MS);
  }

  /** Changes something here and now, and at the hub a moment later. */
  change(act: Change): void {
    const before = this.store.get().document;
    const after = act(before);
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    this.pending.push(act);
    this.store.set({ document: after, state: 'dirty' });
    if (this.owner !== null) this.schedule(QUIET_MS);
  }

  /** Saves now what is not saved yet. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    await this.reading;
    while (this.flight) await this.flight;
    if (this.pending.length === 0 || this.owner === null) return;
    this.flight = this.save(this.owner, TRIES).finally(() => {
      this.flight = null;
    });
    await this.flight;
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), ms);
  }

  private async save(owner: number, tries: number): Promise<void> {
    const sent = this.pending.length;
    this.store.set({ state: 'saving' });
    try {
      const kept = await this.door.save({ document: this.store.get().document, revision: this.revision });
      if (this.owner !== owner) return;
      this.revision = kept.revision;
      this.pending = this.pending.slice(sent);
      this.store.set({ state: this.pending.length > 0 ? 'dirty' : 'saved', error: null });
      if (this.pending.length > 0) this.schedule(QUIET_MS);
    } catch (error) {
      if (this.owner === owner) await this.recover(error, owner, tries);
    }
  }

  private async recover(error: unknown, owner: number, tries: number): Promise<void> {
    const theirs = isProblem(error, 'preferences.conflict') ? error.body.theirs : null;
    if (isKept(theirs) && tries > 0) {
      this.revision = theirs.revision;
      this.store.set({ document: this.pending.reduce((now, act) => act(now), theirs.document) });
      await this.save(owner, tries - 1);
      return;
    }
    const isFirst = this.store.get().error === null;
    this.store.set({ state: 'failed', error });
    if (isFirst) this.onTrouble(error, 'save');
    if (isProblem(error) && error.isPassing) this.schedule(AGAIN_MS);
  }
}

let hearTrouble: (error: unknown, what: 'load' | 'save') => void = () => undefined;

/** The shell says how a person learns that settings could not be read or kept. */
export function whenSettingsFail(hear: (error: unknown, what: 'load' | 'save') => void): void {
  hearTrouble = hear;
}

export const settings = new Settings({ load: me.preferences, save: me.savePreferences }, (error, what) =>
  hearTrouble(error, what),
);

export const useSettings = <Part>(pick: (document: Preferences) => Part): Part =>
  useStore(settings.store, ({ document }) => pick(document));
