import { auth } from '@/api/allauth';
import { queries } from '@/api/cache';
import { tellProblem } from '@/ui/feedback';
import { settings } from '@/ui/settings';

/** Ends the session at the hub first; only then is the screen emptied and reloaded from nothing. */
export async function signOut(): Promise<void> {
  await settings.flush();
  try {
    await auth.signOut();
  } catch (error) {
    tellProblem(error);
    return;
  }
  queries.clear();
  /* A real page load: no image, no cache entry and no listener survives it. */
  window.location.assign('/sign-in');
}
