import type { KeptMark, KeptMarks, MarkLink, MarksOut, MarksSaved } from '@/api/contract';
import { isProblem } from '@/api/problem';
import { createStore, type Store } from '@/ui/store';

export type KeepState =
  | 'loading'
  | 'load_failed'
  | 'saved'
  | 'dirty'
  | 'saving'
  | 'failed'
  | 'refused'
  | 'conflict';

export interface KeepingState {
  state: KeepState;
  revision: number;
  savedAt: string | null;
  error: unknown;
  theirs: KeptMarks | null;
  links: readonly MarkLink[];
}

const QUIET_MS = 700;
const AGAIN_MS = 3_000;

export const isKeptMarks = (value: unknown): value is KeptMarks =>
  typeof value === 'object' &&
  value !== null &&
  Array.isArray((value as KeptMarks).marks) &&
  Array.isArray((value as KeptMarks).links) &&
  typeof (value as KeptMarks).revision === 'number';

interface Options {
  load: () => Promise<MarksOut>;
  save: (marks: KeptMarks) => Promise<MarksSaved>;
  /** The marks on screen, as they are to be kept. */
  now: () => KeptMark[];
  /** The hub's marks join those on screen, or take their place. */
  show: (marks: readonly KeptMark[], how: 'join' | 'replace') => void;
  onSaved?: (saved: MarksSaved) => void;
}

/**
 * Keeps the marks of one case: first those of the hub are loaded, and until they are nothing is saved over them; then each change
 * is saved a moment after it, one request at a time, again and again while the line is away. Once closed, no answer changes anything.
 */
export class MarksKeeper {
  readonly store: Store<KeepingState> = createStore<KeepingState>({
    state: 'loading',
    revision: 0,
    savedAt: null,
    error: null,
    theirs: null,
    links: [],
  });
  private readonly options: Options;
  private kept = canonical([[], []]);
  private timer: ReturnType<typeof setTimeout> | null = null;
  private flight: Promise<void> | null = null;
  private isClosed = false;
  private mayWrite: boolean;

  constructor(options: Options, mayWrite: boolean) {
    this.options = options;
    this.mayWrite = mayWrite;
  }

  get isClean(): boolean {
    const { state } = this.store.get();
    return !this.mayWrite || state === 'saved' || (state === 'loading' && this.content() === this.kept);
  }

  /** What is said of a reader who may not write: nothing here is saved. */
  setMayWrite(mayWrite: boolean): void {
    this.mayWrite = mayWrite;
    if (mayWrite) this.changed();
  }

  async open(): Promise<void> {
    try {
      const found = await this.options.load();
      if (this.isClosed) return;
      this.store.set({ links: [...found.links, ...this.store.get().links] });
      this.options.show(found.marks, 'join');
      this.store.set({ revision: found.revision, savedAt: found.saved_at, state: 'saved', error: null });
      this.kept = canonical([found.marks, found.links]);
      this.changed();
    } catch (error) {
      if (this.isClosed) return;
      this.store.set({ state: 'load_failed', error });
      this.later(AGAIN_MS, () => void this.open());
    }
  }

  /** Something may have changed on screen. */
  changed(): void {
    const { state } = this.store.get();
    if (this.isClosed || !this.mayWrite || !['saved', 'dirty', 'failed', 'refused'].includes(state)) return;
    if (this.content() === this.kept) {
      if (state === 'dirty') this.store.set({ state: 'saved' });
      return;
    }
    this.store.set({ state: state === 'failed' ? 'failed' : 'dirty' });
    this.later(QUIET_MS, () => void this.flush());
  }

  /** Words of the text came from a mark. */
  link(link: MarkLink): void {
    const links = [...this.store.get().links.filter((one) => one.text !== link.text), link].slice(-200);
    this.store.set({ links });
    this.changed();
  }

  /** Saves now. True when everything on screen is with the hub. */
  async flush(): Promise<boolean> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    while (this.flight) await this.flight;
    const { state } = this.store.get();
    if (state === 'load_failed') this.later(AGAIN_MS, () => void this.open());
    if (['dirty', 'failed', 'refused'].includes(state) && this.mayWrite && !this.isClosed) await this.save();
    return this.isClean;
  }

  keepMine(): void {
    const { theirs } = this.store.get();
    if (!theirs) return;
    this.store.set({ revision: theirs.revision, theirs: null, state: 'dirty' });
    void this.flush();
  }

  takeTheirs(): void {
    const { theirs } = this.store.get();
    if (!theirs) return;
    this.kept = canonical([theirs.marks, theirs.links]);
    this.store.set({
      revision: theirs.revision,
      links: theirs.links,
      theirs: null,
      state: 'saved',
      error: null,
    });
    this.options.show(theirs.marks, 'replace');
  }

  close(): void {
    this.isClosed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private content(): string {
    return canonical([this.options.now(), this.store.get().links]);
  }

  private later(ms: number, act: () => void): void {
    if (this.timer) clearTimeout(this.timer);
    if (!this.isClosed) this.timer = setTimeout(act, ms);
  }

  private save(): Promise<void> {
    this.flight = this.attempt().finally(() => {
      this.flight = null;
    });
    return this.flight;
  }

  private async attempt(): Promise<void> {
    const { revision, links } = this.store.get();
    const marks = this.options.now();
    const sent = canonical([marks, links]);
    this.store.set({ state: 'saving', error: null });
    try {
      const saved = await this.options.save({ revision, marks, links: [...links] });
      if (this.isClosed) return;
      this.kept = sent;
      this.store.set({ revision: saved.revision, savedAt: saved.saved_at, state: 'saved' });
      this.options.onSaved?.(saved);
      this.changed();
    } catch (error) {
      if (!this.isClosed) this.failed(error, sent);
    }
  }

  private failed(error: unknown, sent: string): void {
    const theirs = isProblem(error, 'marks.conflict') ? error.body.theirs : null;
    if (isKeptMarks(theirs)) {
      if (canonical([theirs.marks, theirs.links]) === sent) {
        /* An earlier save arrived although its answer was lost. */
        this.kept = sent;
        this.store.set({ revision: theirs.revision, state: 'saved', error: null });
        this.changed();
      } else this.store.set({ state: 'conflict', theirs });
      return;
    }
    const isPassing = isProblem(error) && error.isPassing;
    this.store.set({ state: isPassing ? 'failed' : 'refused', error });
    if (isPassing) this.later(AGAIN_MS, () => void this.flush());
  }
}

const THOUSANDTHS = 1_000;

/**
 * Equal texts for equal marks: the hub writes keys in its own order, and the way through the engine's space costs some millionths of a
 * pixel. Only for comparing; what is saved keeps every digit.
 */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'number') return Math.round(part * THOUSANDTHS) / THOUSANDTHS;
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([one], [two]) => (one < two ? -1 : 1)));
  });
