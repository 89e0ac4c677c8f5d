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

const SENT_MOST = 500;

/** Texts compared as wholes: findings and impression, and nothing else. */
export const textOf = ({ findings, impression }: Texts): string => JSON.stringify([findings, impression]);

/** Texts this reader's windows may have sent, the last few hundred of them. */
export class Sent {
  private texts = new Set<string>();

  note(text: Texts): void {
    this.texts.add(textOf(text));
    if (this.texts.size > SENT_MOST) this.texts = new Set([...this.texts].slice(-SENT_MOST));
  }

  has(text: Texts): boolean {
    return this.texts.has(textOf(text));
  }
}

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
  /** Sent, and no answer came: any of them may be what the hub holds. */
  private unanswered = new Sent();

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

  /**
   * The text is back as it was last written; somebody else's text may have come between. `sent` is what the other window wrote: a save
   * of it may still be on its way.
   */
  takeBack(
    text: DraftText & { isSaved: boolean },
    theirs: DraftText | null = null,
    sent: Sent = new Sent(),
  ): void {
    const { findings, impression, revision, isSaved } = text;
    this.unanswered = sent;
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

  /** An earlier save arrived although its answer was lost: the hub holds the very text that was sent, and writing goes on from it. */
  private adopt(theirs: DraftText): void {
    const { revision } = theirs;
    const isSame = textOf(this.store.get()) === textOf(theirs);
    this.store.set({ revision, error: null, state: isSame ? 'saved' : 'dirty' });
    if (!isSame && !this.isClosed) this.schedule();
  }

  private async attempt(): Promise<void> {
    const { findings, impression, revision } = this.store.get();
    this.store.set({ state: 'saving', error: null });
    try {
      const saved = await this.send({ findings, impression, revision });
      this.unanswered = new Sent();
      const isSame = textOf(this.store.get()) === textOf({ findings, impression });
      this.store.set({
        revision: saved.revision,
        savedAt: saved.saved_at,
        state: isSame ? 'saved' : 'dirty',
      });
      this.onSaved(saved);
      if (!isSame && !this.isClosed) this.schedule();
    } catch (error) {
      const theirs = isProblem(error, 'report.draft_conflict') ? error.body.theirs : null;
      this.unanswered.note({ findings, impression });
      if (isDraftText(theirs) && this.unanswered.has(theirs)) this.adopt(theirs);
      else if (isDraftText(theirs)) this.store.set({ state: 'conflict', theirs });
      else this.store.set({ state: 'failed', error });
    }
  }
}
