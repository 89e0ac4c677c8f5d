/** Marks in a window that keeps none: what is drawn here is the main window's to keep, and is pending until it says that it is. */
import type { KeptMark } from '@/api/contract';
import { createStore, type Store } from '@/ui/store';
import { changeBetween, isNothing, type MarksChange, untouched } from './marksShared';

export type FarState = 'asking' | 'kept' | 'pending';

interface Options {
  /** The marks on screen. */
  now: () => KeptMark[];
  amend: (put: readonly KeptMark[], gone: readonly string[]) => void;
  send: (change: MarksChange) => void;
}

export class FarMarks {
  readonly store: Store<{ state: FarState }> = createStore<{ state: FarState }>({ state: 'asking' });
  private readonly options: Options;
  /** As the main window said last, and as it said last that the hub has them. */
  private told: readonly KeptMark[] | null = null;
  private kept: readonly KeptMark[] = [];

  constructor(options: Options) {
    this.options = options;
  }

  get isClean(): boolean {
    return this.store.get().state !== 'pending';
  }

  /** The main window says what there is. */
  heard(marks: readonly KeptMark[], isSaved: boolean): void {
    const before = this.told ?? [];
    const mine = changeBetween(before, this.options.now());
    const theirs = untouched(changeBetween(before, marks), mine);
    if (!isNothing(theirs)) this.options.amend(theirs.put, theirs.gone);
    this.told = marks;
    if (isSaved) this.kept = marks;
    const left = changeBetween(marks, this.options.now());
    if (!isNothing(left)) this.options.send(left);
    this.store.set({ state: isNothing(left) && isSaved ? 'kept' : 'pending' });
  }

  /** Something may have been drawn, moved or removed here. */
  changed(): void {
    if (!this.told) return;
    const change = changeBetween(this.told, this.options.now());
    if (isNothing(change)) return;
    this.store.set({ state: 'pending' });
    this.options.send(change);
  }

  /** Another main window: what the one before had not saved yet is not known to it, and is told again. */
  newMain(): void {
    if (this.told) this.told = this.kept;
  }
}
