import { useEffect, useRef, useState } from 'react';

interface Asked<T> {
  /** Undefined until it is here. */
  answer: T | undefined;
  fault: unknown;
  again: () => void;
}

/** Asks once for each subject; what nobody waits for any more is given up. */
export function useAsked<T>(ask: (signal: AbortSignal) => Promise<T>, subject: unknown): Asked<T> {
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<{ answer?: T; fault?: unknown }>({});
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    void attempt;
    void subject;
    const end = new AbortController();
    setState({});
    latest.current(end.signal).then(
      (answer) => !end.signal.aborted && setState({ answer }),
      (fault: unknown) => !end.signal.aborted && setState({ fault }),
    );
    return () => end.abort();
  }, [attempt, subject]);
  return { answer: state.answer, fault: state.fault, again: () => setAttempt((n) => n + 1) };
}
