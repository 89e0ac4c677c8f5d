/** One text, one editor: how a text goes to another window and comes back with every word. Pure. */
import type { DraftText } from '@/api/contract';
import { Sent, textOf } from '../autosave';
import type { LentText } from './protocol';

/** What the other window wrote while it had the text: the last of it, and all it may have saved. */
export class Mirror {
  readonly sent = new Sent();
  last: LentText | null = null;

  note(text: LentText): void {
    this.last = text;
    this.sent.note(text);
  }
}

export type Return =
  | { how: 'go-on'; text: LentText }
  /** Somebody else's text has come between: both are shown. */
  | { how: 'conflict'; text: LentText; theirs: DraftText };

/** The other window is gone: the text goes on here from what it wrote last, against the hub's newest revision. */
export function cameBack(mirror: Mirror, lent: LentText, hub: DraftText | null): Return {
  const text = mirror.last ?? lent;
  if (!hub || hub.revision === text.revision) return { how: 'go-on', text };
  const isSame = textOf(hub) === textOf(text);
  if (isSame || mirror.sent.has(hub) || textOf(hub) === textOf(lent))
    return { how: 'go-on', text: { ...text, revision: hub.revision, isSaved: isSame } };
  return { how: 'conflict', text, theirs: hub };
}
