import { auth } from '@/api/allauth';
import { queries } from '@/api/cache';
import { confirm } from '@/ui/confirm';
import { drawCurtain, isCurtainDrawn, saveWork } from '@/ui/curtain';
import { tellProblem } from '@/ui/feedback';
import { settings } from '@/ui/settings';
import { words } from '@/words';
import { saveElsewhere, tellEnded } from './presence/presence';

/** What is not saved anywhere would be lost with the session; who hides behind a curtain has chosen already. */
async function mayLeaveWork(): Promise<boolean> {
  const saved = await Promise.all([saveWork(), saveElsewhere()]);
  if (saved.every(Boolean) || isCurtainDrawn()) return true;
  const { signOutTitle, signOutLead, signOutAnyway } = words().presence;
  return (
    (await confirm({ title: signOutTitle, body: signOutLead, confirm: signOutAnyway, isGrave: true })) !==
    null
  );
}

/** Ends the session at the hub first; only then are all screens emptied, and this one reloaded from nothing. */
export async function signOut(): Promise<void> {
  await settings.flush();
  if (!(await mayLeaveWork())) return;
  try {
    await auth.signOut();
  } catch (error) {
    tellProblem(error);
    return;
  }
  tellEnded();
  drawCurtain({ session: 'ended' });
  queries.clear();
  /* A real page load: no image, no cache entry and no listener survives it. */
  window.location.assign('/sign-in');
}
