import { useEffect } from 'react';
import { tell } from '@/ui/feedback';
import type { ViewerCase } from '@/viewer/case';
import { useWords } from '@/words';
import type { CaseLink } from './link';
import { gatherHere, keepScreens, scrollTogether, takeSeat } from './screens';

/** The images of this window hang and scroll together with those of the other windows of the case. */
export function useScreens(link: CaseLink | null, viewer: ViewerCase | null): void {
  const words = useWords();
  useEffect(() => {
    if (!link || !viewer) return;
    const told = (screens: number): void =>
      tell(words.windows.screensNow(screens, words.hanging.againFor(screens)));
    const stops = [
      link.role === 'main' ? keepScreens(link, viewer, told) : takeSeat(link, viewer),
      scrollTogether(link, viewer),
      gatherHere(link, viewer, (role) => words.windows.role[role]),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [link, viewer, words]);
}
