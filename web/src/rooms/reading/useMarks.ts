import { useEffect, useRef, useState } from 'react';
import type { Check } from '@/api/contract';
import { readings } from '@/api/hub';
import type { ViewerCase } from '@/viewer/case';
import { MarksKeeper } from './keeping';

/** The marks of one reading on the screen of one case; both are new for every case, so no late answer finds another. */
export function useMarks(
  readingId: number,
  viewer: ViewerCase | null,
  mayWrite: boolean,
  onChecks: (checks: readonly Check[]) => void,
): MarksKeeper | null {
  const [keeper, setKeeper] = useState<MarksKeeper | null>(null);
  const latest = useRef({ mayWrite, onChecks });
  latest.current = { mayWrite, onChecks };
  useEffect(() => {
    if (!viewer) return;
    const { marking } = viewer;
    const made = new MarksKeeper(
      {
        load: () => readings.marks(readingId),
        save: (marks) => readings.saveMarks(readingId, marks),
        now: () => marking.kept(),
        show: (marks, how) => (how === 'join' ? marking.load(marks) : marking.replace(marks)),
        onSaved: ({ checks }) => latest.current.onChecks(checks),
      },
      latest.current.mayWrite,
    );
    const stop = marking.onChange(() => made.changed());
    const isBack = (): void => void made.flush();
    window.addEventListener('online', isBack);
    void made.open();
    setKeeper(made);
    return () => {
      window.removeEventListener('online', isBack);
      stop();
      made.close();
      setKeeper(null);
    };
  }, [readingId, viewer]);
  useEffect(() => keeper?.setMayWrite(mayWrite), [keeper, mayWrite]);
  return keeper;
}
