import { useEffect, useState } from 'react';
import { readings } from '@/api/hub';
import { isProblem } from '@/api/problem';

export type Lease = 'held' | 'failing' | 'lost';

const RENEW_MS = 60_000;

/** Tells the hub every minute that the case is still being read. A refusal means somebody else may have it. */
export function useLease(readingId: number, isMine: boolean): Lease {
  const [lease, setLease] = useState<Lease>('held');
  useEffect(() => {
    if (!isMine) return;
    let isGone = false;
    const renew = async (): Promise<void> => {
      try {
        await readings.renew(readingId);
        if (!isGone) setLease('held');
      } catch (error) {
        if (!isGone)
          setLease(isProblem(error) && error.status >= 400 && error.status < 500 ? 'lost' : 'failing');
      }
    };
    const timer = setInterval(() => void renew(), RENEW_MS);
    return () => {
      isGone = true;
      clearInterval(timer);
    };
  }, [readingId, isMine]);
  return lease;
}
