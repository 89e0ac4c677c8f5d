import { queries } from '@/api/cache';
import { wireClient } from '@/api/client';
import { hasWork } from '@/ui/curtain';
import { tell } from '@/ui/feedback';
import { settings, whenSettingsFail } from '@/ui/settings';
import { words } from '@/words';
import { lineStore } from './live';
import { endHere, tellEnded } from './presence/presence';
import { router } from './routes';
import { askElevation } from './session/elevation';
import { wasInside } from './session/inside';

/** A refused call means the session is over: what was on screen goes, and the sign-in says why. */
function whenSignedOut(): void {
  if (router.state.location.pathname === '/sign-in' || router.state.location.pathname === '/second-factor')
    return;
  if (!wasInside()) return;
  /* A room with work in it is not taken down: it is covered until its author is back, or left when all is saved. */
  if (hasWork()) {
    void endHere(false);
    return;
  }
  tellEnded();
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
  void queries.invalidateQueries({ queryKey: ['me'] });
  void router.navigate({ to: '/sign-in', search: { ended: true } });
}

wireClient({
  stepUp: askElevation,
  onSignedOut: whenSignedOut,
  onAnswer: (reached) => {
    if (!reached) lineStore.set({ line: 'down' });
    else if (lineStore.get().line === 'down') lineStore.set({ line: 'up' });
  },
});

whenSettingsFail((_error, what) =>
  tell(what === 'load' ? words().hanging.settingsUnread : words().hanging.settingsUnsaved),
);

/* Who closes the window a moment after a change has meant it. */
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') void settings.flush();
});
