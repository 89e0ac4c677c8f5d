import type { DraftSaved, DraftText } from '@/api/contract';
import { isProblem } from '@/api/problem';
import { createStore, type Store } from '@/ui/store';

export interface Texts {
  findings: string;
  impression: string;
}

export type SaveState = 'saved' | 'dirty' | 'saving' | 'failed' | 'conflict' | 'lent';

export interface AutosaveState extends Texts {
  state: SaveState;
  revision: number;
  savedAt: string | null;
  error: unknown;
  theirs: DraftText | null;
}

const QUIET_MS = 900;

const isDraftText = (value: unknown): value is DraftText =>
  typeof value === 'object' &&
  value !== null &&
  'findings' in value &&
  'impression' in value &&
  'revision' in value;

/**
 * Keeps a draft saved: shortly after the last keystroke, one request at a time, always against the revision last seen. When somebody
 * else's text has come between, it stops and hands both texts to the person. The text here is never replaced behind their back.
 */
export class Autosave {
  readonly store: Store<AutosaveState>;
  private readonly send: (draft: DraftText) => Promise<DraftSaved>;
  private readonly onSaved: (saved: DraftSaved) => void;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private flight: Promise<void> | null = null;
  private isClosed = false;

  constructor(options: {
    first: DraftText & { saved_at: string | null };
    send: (draft: DraftText) => Promise<DraftSaved>;
    onSaved?: (saved: DraftSaved) => void;
  }) {
    const { findings, impression, revision, saved_at } = options.first;
    this.store = createStore<AutosaveState>({
      findings,
      impression,
      revision,
      savedAt: saved_at,
      state: 'saved',
      error: null,
      theirs: null,
    });
    this.send = options.send;
    this.onSaved = options.onSaved ?? (() => undefined);
  }

  write(change: Partial<Texts>): void {
    const { state } = this.store.get();
    if (state === 'lent') return;
    this.store.set({ ...change, state: state === 'saved' ? 'dirty' : state });
    if (state !== 'conflict') this.schedule();
  }

  get isClean(): boolean {
    return ['saved', 'lent'].includes(this.store.get().state);
  }

  /** Another window writes from now on: nothing is saved from here. Hands over the text, saved or not. */
  async lend(): Promise<Texts & { revision: number; isSaved: boolean }> {
    await this.flush();
    const { findings, impression, revision } = this.store.get();
    const isSaved = this.isClean;
    if (this.timer) clearTimeout(this.timer);
    this.store.set({ state: 'lent', theirs: null, error: null });
    return { findings, impression, revision, isSaved };
  }

  /** The text is back as it was last written; somebody else's text may have come between. */
  takeBack(text: DraftText & { isSaved: boolean }, theirs: DraftText | null = null): void {
    const { findings, impression, revision, isSaved } = text;
    const state = theirs ? 'conflict' : isSaved ? 'saved' : 'dirty';
    this.store.set({ findings, impression, revision, theirs, state, error: null });
    if (state === 'dirty') void this.flush();
  }

  /** Saves now. True when everything written so far is with the hub. */
  async flush(): Promise<boolean> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    while (this.flight) await this.flight;
    const { state } = this.store.get();
    if (state === 'dirty' || state === 'failed') await this.save();
    return this.isClean;
  }

  keepMine(): void {
    const { theirs } = this.store.get();
    if (theirs) this.store.set({ revision: theirs.revision, theirs: null, state: 'dirty' });
    void this.flush();
  }

  takeTheirs(): void {
    const { theirs } = this.store.get();
    if (theirs) this.store.set({ ...theirs, theirs: null, state: 'saved', error: null });
  }

  close(): void {
    this.isClosed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), QUIET_MS);
  }

  private save(): Promise<void> {
    this.flight = this.attempt().finally(() => {
      this.flight = null;
    });
    return this.flight;
  }

  /** An earlier save arrived although its answer was lost: the hub holds the very text that was sent. */
  private adopt({ findings, impression, revision }: DraftText): void {
    const now = this.store.get();
    const isSame = now.findings === findings && now.impression === impression;
    this.store.set({ revision, error: null, state: isSame ? 'saved' : 'dirty' });
    if (!isSame && !this.isClosed) this.schedule();
  }

  private async attempt(): Promise<void> {
    const { findings, impression, revision } = this.store.get();
    this.store.set({ state: 'saving', error: null });
    try {
      const saved = await this.send({ findings, impression, revision });
      const now = this.store.get();
      const isSame = now.findings === findings && now.impression === impression;
      this.store.set({
        revision: saved.revision,
        savedAt: saved.saved_at,
        state: isSame ? 'saved' : 'dirty',
      });
      this.onSaved(saved);
      if (!isSame && !this.isClosed) this.schedule();
    } catch (error) {
      const theirs = isProblem(error, 'report.draft_conflict') ? error.body.theirs : null;
      if (isDraftText(theirs) && theirs.findings === findings && theirs.impression === impression)
        this.adopt(theirs);
      else if (isDraftText(theirs)) this.store.set({ state: 'conflict', theirs });
      else this.store.set({ state: 'failed', error });
    }
  }
}
