/** A window left without a case goes on with the next one of the same main window, as a new page: nothing of the case before is in it. */
const FOLLOW = 'dokuei.follow';

interface Next {
  page: string;
  person: number;
  reading: number;
}

export function tellNext(next: Next): void {
  const channel = new BroadcastChannel(FOLLOW);
  channel.postMessage(next);
  channel.close();
}

export const isNext = (data: unknown): data is Next =>
  typeof data === 'object' &&
  data !== null &&
  typeof (data as Next).page === 'string' &&
  Number.isInteger((data as Next).person) &&
  Number.isInteger((data as Next).reading) &&
  (data as Next).reading > 0;

/** Hears of the next case of this main window and this person; returns how to stop. */
export function whenNext(page: string, person: number, go: (reading: number) => void): () => void {
  const channel = new BroadcastChannel(FOLLOW);
  channel.onmessage = ({ data }) => {
    if (isNext(data) && data.page === page && data.person === person) go(data.reading);
  };
  return () => channel.close();
}
