/** Before anything is drawn, what the address will need is on its way: who is there, the room's program, the case. */
import { meQuery, queries } from '@/api/cache';
import { settings } from '@/ui/settings';
import { beginCase } from '@/viewer/early';
import { sharedQuery } from '@/viewer/hanging/known';

const ROOMS = {
  reading: () => import('@/rooms/reading/ReadingPage'),
  study: () => import('@/rooms/reading/StudyPage'),
};

async function begin(path: string): Promise<void> {
  const isCase = /^\/(reading|studies)\/\d+/.test(path);
  /* A program that cannot be had is asked for again, and told of, by the route. */
  if (isCase) ROOMS[path.startsWith('/reading') ? 'reading' : 'study']().catch(() => undefined);
  /* Nobody has said yet who is there. To a stranger the hub answers nothing, and the sign-in takes its course. */
  if (isCase) beginCase(path);
  const { stage, person } = await queries.ensureQueryData(meQuery);
  if (stage !== 'full' || !person || !isCase) return;
  void settings.begin(person.id);
  void queries.prefetchQuery(sharedQuery);
}

/** Lists are where cases are opened from: while somebody reads one, the room's program is got ready. */
export function warmRoom(): void {
  const warm = (): void => {
    void queries.prefetchQuery(sharedQuery);
    Promise.all([ROOMS.reading(), import('@/viewer/engine/door')])
      .then(([, { startEngine }]) => startEngine())
      .catch(() => undefined);
  };
  if ('requestIdleCallback' in window) requestIdleCallback(warm, { timeout: 3000 });
  else setTimeout(warm, 1000);
}

/* Whatever fails here is asked again, and told of, by the screen that needs it. */
begin(location.pathname).catch(() => undefined);
