import { useEffect, useRef } from 'react';
import { readings } from '@/api/hub';
import { useStore } from '@/ui/store';
import { ahead } from '@/viewer/ahead';
import type { ViewerCase } from '@/viewer/case';
import { fidelityOf } from '@/viewer/fidelity';

/** Once every image of this case is here, those of the next one are fetched. It costs nothing if that fails: they load when opened. */
export function useAhead(viewer: ViewerCase, readingId: number, isMine: boolean): void {
  const hasBegun = useRef(false);
  const isDone = useStore(viewer.store, ({ studies }) => {
    const current = studies.find((study) => study.role === 'current');
    return current !== undefined && fidelityOf(current).isDone;
  });
  useEffect(() => {
    if (!isMine || !isDone || hasBegun.current) return;
    hasBegun.current = true;
    ahead.begin((signal) => readings.ahead(readingId, signal)).catch(() => undefined);
  }, [isMine, isDone, readingId]);
}
