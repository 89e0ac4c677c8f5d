import { useEffect, useRef } from 'react';
import type { ReadingRow } from '@/api/contract';
import { readings } from '@/api/hub';
import { ahead } from '@/viewer/ahead';
import { beginImages } from '@/viewer/early';

/** A row that is only passed on the way to another is not prepared. */
const DWELL_MS = 400;

/**
 * The case that stands chosen in the list is fetched while the list is looked at, so that it opens at once. It stays free for
 * everybody. What cannot be fetched loads when the case is opened. Gives what is to be said once a case is being opened: which, or
 * null as long as only the hub knows.
 */
export function usePrepared(row: ReadingRow | undefined, isChosen: boolean): (id: number | null) => void {
  const prepared = useRef<number | null>(null);
  /* Who comes back to the list goes on to the next case, which may be here already: their own is fetched again only by choice. */
  const id = row?.acts.some((act) => act === 'claim' || (isChosen && act === 'write')) ? row.id : undefined;
  useEffect(() => {
    if (id === undefined || id === prepared.current) return;
    const timer = setTimeout(() => {
      const ask = async (signal: AbortSignal) => {
        const images = await readings.prepare(id, signal);
        prepared.current = id;
        return images;
      };
      ahead.begin(ask, id).catch(() => undefined);
    }, DWELL_MS);
    return () => clearTimeout(timer);
  }, [id]);
  return (opened) => {
    ahead.stop();
    if (opened !== null && opened === prepared.current) beginImages(opened);
  };
}
