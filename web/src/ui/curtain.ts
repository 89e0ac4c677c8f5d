/** Whether this window may show anything, why not, and what has to be saved before it may not. Knows no room. */
import { flushSync } from 'react-dom';
import { createStore, useStore } from './store';

/** Nobody is there, or the session is over. */
export type SessionCurtain = 'idle' | 'ended';

interface CurtainState {
  session: SessionCurtain | null;
  /** The windows of a case do not belong together now; the room says why. */
  room: boolean;
  /** A viewer elsewhere shows somebody else; the room says whom. */
  viewer: boolean;
}

export const curtain = createStore<CurtainState>({ session: null, room: false, viewer: false });

const isDrawn = ({ session, room, viewer }: CurtainState): boolean => session !== null || room || viewer;

export const isCurtainDrawn = (): boolean => isDrawn(curtain.get());

/** True while nothing of a patient may be on screen: pictures leave the document, not only the eye. */
export const useCurtain = (): boolean => useStore(curtain, isDrawn);

type Saver = () => Promise<boolean>;

const witnesses = new Set<() => void>();

/** Sees the screen once more before everything leaves it. */
export function beforeCurtain(witness: () => void): () => void {
  witnesses.add(witness);
  return () => witnesses.delete(witness);
}

const savers = new Set<Saver>();

/** Work that is saved before a screen is emptied. A saver says whether everything of it is with the hub. */
export function saveBeforeCurtain(saver: Saver): () => void {
  savers.add(saver);
  return () => savers.delete(saver);
}

export const hasWork = (): boolean => savers.size > 0;

/** Saves everything there is; true when nothing is left unsaved. */
export async function saveWork(): Promise<boolean> {
  const saved = await Promise.all([...savers].map((save) => save().catch(() => false)));
  return saved.every(Boolean);
}

/**
 * Everything is hidden and every picture is taken out of the document before this returns. What is being typed is handed to
 * its field first: a field that saves when it is left does so now.
 */
export function drawCurtain(change: Partial<CurtainState>): void {
  if (document.activeElement instanceof HTMLElement && !document.activeElement.closest('.curtain'))
    document.activeElement.blur();
  if (!isCurtainDrawn()) for (const witness of witnesses) witness();
  flushSync(() => curtain.set(change));
  document.body.classList.toggle('curtained', isCurtainDrawn());
}
