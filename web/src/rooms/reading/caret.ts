import { flushSync } from 'react-dom';
import type { Autosave, Texts } from './autosave';

/** Where the reader last wrote: something put into the text goes there, and the caret behind it. */
export class Caret {
  private field: keyof Texts = 'findings';
  private range: readonly [number, number] | null = null;
  private readonly areas = new Map<keyof Texts, HTMLTextAreaElement>();

  attach(field: keyof Texts, area: HTMLTextAreaElement | null): void {
    if (area) this.areas.set(field, area);
    else this.areas.delete(field);
  }

  note(field: keyof Texts, area: HTMLTextAreaElement): void {
    this.field = field;
    this.range = [area.selectionStart, area.selectionEnd];
  }

  insert(autosave: Autosave, text: string): void {
    const now = autosave.store.get()[this.field];
    const [start, end] = this.range ?? [now.length, now.length];
    const [before, after] = [now.slice(0, Math.min(start, now.length)), now.slice(Math.min(end, now.length))];
    const at = before.length + text.length;
    this.range = [at, at];
    /* The field takes the new text at once: later the caret may be where the reader has put it meanwhile. */
    flushSync(() => autosave.write({ [this.field]: before + text + after }));
    this.areas.get(this.field)?.setSelectionRange(at, at);
  }
}
