import { useEffect, useState } from 'react';
import { saveBeforeCurtain } from '@/ui/curtain';
import type { ViewerCase } from '@/viewer/case';
import { FarMarks } from './farMarks';
import type { CaseLink } from './link';

/** What is drawn in an image window goes to the main one, which keeps it. */
export function useFarMarks(
  link: CaseLink | null,
  viewer: ViewerCase | null,
  mayWrite: boolean,
): FarMarks | null {
  const [marks, setMarks] = useState<FarMarks | null>(null);
  useEffect(() => {
    if (!link || !viewer) return;
    const { marking } = viewer;
    const made = new FarMarks({
      now: () => marking.kept(),
      amend: (put, gone) => marking.amend(put, gone),
      send: (change) => {
        if (mayWrite) link.say({ kind: 'marks-change', ...change });
      },
    });
    const meet = (): void => {
      made.newMain();
      link.say({ kind: 'marks-ask' });
    };
    const isMain = (role: string): boolean => role === 'main';
    const stops = [
      marking.onChange(() => made.changed()),
      link.on('marks', ({ marks: all, isSaved }, { role }) => isMain(role) && made.heard(all, isSaved)),
      link.on('hello', (_say, { role }) => isMain(role) && meet()),
      link.on('here', (_say, { role }) => isMain(role) && meet()),
      saveBeforeCurtain(async () => !mayWrite || made.isClean),
    ];
    setMarks(made);
    return () => {
      for (const stop of stops) stop();
      setMarks(null);
    };
  }, [link, viewer, mayWrite]);
  return marks;
}
