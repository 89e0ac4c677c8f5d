import type { HangingProtocol } from '@/api/contract';
import { tell } from '@/ui/feedback';
import { createStore } from '@/ui/store';
import type { Words } from '@/words';
import { presentProtocol } from '../arrangement';
import type { ViewerCase } from '../case';

/** What is being saved: a new protocol drawn from the screen, or one that is being changed. */
export interface Editing {
  protocol: HangingProtocol;
  /** Of everybody's protocols; null for one's own. */
  shared: { id: number; revision: number } | null;
  /** Which of one's own; null for a new one. */
  mine: number | null;
}

export const savingStore = createStore<{ editing: Editing | null }>({ editing: null });

export async function openSaving(viewer: ViewerCase, words: Words): Promise<void> {
  const gathered = await viewer.gather();
  if (gathered && 'silent' in gathered) {
    tell(words.hanging.notAnswered(gathered.silent));
    return;
  }
  const about = viewer.store.get().studies.find((one) => one.role === 'current')?.source.study;
  const name = (about?.description ?? '').slice(0, 60).trim();
  const protocol = gathered && presentProtocol(viewer, name, gathered);
  if (protocol) savingStore.set({ editing: { protocol, shared: null, mine: null } });
  else tell(words.hanging.notSaveable);
}
