import { useEffect, useRef, useState } from 'react';
import { readings } from '@/api/hub';
import type { Drafting } from '../useReport';
import { cameBack, Mirror } from './lending';
import type { CaseLink } from './link';
import type { LentText } from './protocol';
import { has } from './together';

interface Lent {
  mirror: Mirror;
  text: LentText;
}

/** The main window's side: while a report window is there the text is its, and comes back when it is gone, however it went. */
export function useLending(link: CaseLink | null, drafting: Drafting): boolean {
  const [isAway, setAway] = useState(false);
  const { autosave } = drafting;
  const latest = useRef(drafting);
  latest.current = drafting;
  useEffect(() => {
    if (!link || !autosave) return;
    let lent: Lent | null = null;
    let isGone = false;
    /* One after the other: a window that is reloaded takes the text only after it has come back. */
    let queue = Promise.resolve();
    const later = (act: () => Promise<void>): void => {
      queue = queue.then(() => (isGone ? undefined : act()));
    };
    const lend = async (): Promise<void> => {
      if (lent || !has(link.store.get(), 'report')) return;
      setAway(true);
      lent = { mirror: new Mirror(), text: await autosave.lend() };
      give();
    };
    const give = (): void => {
      const text = lent?.mirror.last ?? lent?.text;
      if (text) link.say({ kind: 'report-give', ...text });
    };
    const takeBack = async (): Promise<void> => {
      if (!lent || has(link.store.get(), 'report')) return;
      const hub = await readings.report(link.identity.reading).catch(() => null);
      if (isGone) return;
      const { mirror } = lent;
      const back = cameBack(mirror, lent.text, hub);
      lent = null;
      autosave.takeBack(back.text, back.how === 'conflict' ? back.theirs : null, mirror.sent);
      setAway(false);
      latest.current.refetch();
    };
    /* A window that shows nothing takes nothing: the one that goes on here begins with what the hub has. */
    const look = (): void => {
      if (!link.blank) later(has(link.store.get(), 'report') ? lend : takeBack);
    };
    const stops = [
      link.store.subscribe(look),
      link.on('report-ask', () =>
        later(async () => {
          if (lent) give();
          else await lend();
        }),
      ),
      link.on('draft', ({ kind: _kind, ...text }) => lent?.mirror.note(text)),
    ];
    look();
    return () => {
      isGone = true;
      for (const stop of stops) stop();
      setAway(false);
    };
  }, [link, autosave]);
  return isAway;
}
