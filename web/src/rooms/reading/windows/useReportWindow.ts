import { useCallback, useEffect, useRef, useState } from 'react';
import { saveBeforeCurtain } from '@/ui/curtain';
import { newId } from '@/ui/ids';
import type { Autosave } from '../autosave';
import type { CaseLink } from './link';
import type { LentText, Saying } from './protocol';

const ANSWER_MS = 5_000;

/** The text as the main window hands it over; null until it has. */
export function useGivenText(link: CaseLink | null): LentText | null {
  const [given, setGiven] = useState<LentText | null>(null);
  useEffect(() => {
    if (!link) return;
    const isMain = (role: string): boolean => role === 'main';
    const ask = (): void => link.say({ kind: 'report-ask' });
    const stops = [
      link.on('report-give', ({ kind: _kind, ...text }, { role }) => {
        if (isMain(role)) setGiven((had) => had ?? text);
      }),
      link.on('here', (_say, { role }) => isMain(role) && ask()),
      link.on('hello', (_say, { role }) => isMain(role) && ask()),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [link]);
  return given;
}

/** Every word typed here is told to the main window, so that it has them all should this window go, however it goes. */
export function useMirror(link: CaseLink | null, autosave: Autosave | null): void {
  useEffect(() => {
    if (!link || !autosave) return;
    const mirror = (): void => {
      const { findings, impression, revision, state } = autosave.store.get();
      if (state !== 'lent')
        link.say({ kind: 'draft', findings, impression, revision, isSaved: state === 'saved' });
    };
    const giveBack = (): void => {
      mirror();
      /* From here on this window saves nothing: the text is the main window's again. */
      autosave.close();
      link.close();
      window.close();
    };
    const ask = (event: BeforeUnloadEvent): void => {
      if (!autosave.isClean && !link.hasMain) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    const stops = [
      autosave.store.subscribe(mirror),
      link.on('hello', (_say, { role }) => role === 'main' && mirror()),
      link.on('report-back', giveBack),
      saveBeforeCurtain(() => autosave.flush()),
    ];
    mirror();
    return () => {
      window.removeEventListener('beforeunload', ask);
      for (const stop of stops) stop();
    };
  }, [link, autosave]);
}

/** Asks the main window whether marks and key images are stored, and what of the images was seen; null when it does not answer. */
export function useSignAsk(link: CaseLink | null): () => Promise<Saying<'sign-ready'> | null> {
  const latest = useRef(link);
  latest.current = link;
  return useCallback(() => {
    const ask = newId();
    const to = latest.current;
    return new Promise((resolve) => {
      if (!to) {
        resolve(null);
        return;
      }
      const finish = (answer: Saying<'sign-ready'> | null): void => {
        clearTimeout(timer);
        stop();
        resolve(answer);
      };
      const timer = setTimeout(() => finish(null), ANSWER_MS);
      const stop = to.on('sign-ready', (say, { role }) => {
        if (say.ask === ask && role === 'main') finish(say);
      });
      to.say({ kind: 'sign-ask', ask });
    });
  }, []);
}
