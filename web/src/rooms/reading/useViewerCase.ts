import { useCallback, useEffect, useRef, useState } from 'react';
import type { ImagesOut } from '@/api/contract';
import { ahead } from '@/viewer/ahead';
import { ViewerCase } from '@/viewer/case';
import { foreseen } from '@/viewer/early';
import { CaseGate } from '@/viewer/model/gate';
import { installProbe } from '@/viewer/probe';

const gate = new CaseGate();

/** Opens the images of a case and closes them again, completely, before the next is opened. One case for the life of the screen. */
export function useViewerCase(load: (signal: AbortSignal) => Promise<ImagesOut>, seat?: ViewerCase['seat']) {
  const [viewer, setViewer] = useState<ViewerCase | null>(null);
  const [error, setError] = useState<unknown>(null);
  const latestLoad = useRef(load);
  latestLoad.current = load;
  const firstSeat = useRef(seat);
  const closeRef = useRef<() => void>(() => undefined);

  const open = useCallback(() => {
    closeRef.current();
    const token = gate.open();
    const opened = new ViewerCase(token, firstSeat.current);
    const removeProbe = installProbe(opened);
    setError(null);
    setViewer(opened);
    token
      .keep(foreseen(latestLoad.current(token.signal), (one) => ahead.describe(one) !== null))
      .then((images) => opened.open(images))
      .catch((fault: unknown) => setError(fault));
    closeRef.current = () => {
      closeRef.current = () => undefined;
      token.close();
      removeProbe();
      opened.close();
      setViewer(null);
    };
  }, []);

  useEffect(() => {
    open();
    return () => closeRef.current();
  }, [open]);

  return { viewer, error, retry: open };
}
