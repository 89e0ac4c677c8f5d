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
  const { stage, person } = await queries.ensureQueryData(meQuery);
  if (stage !== 'full' || !person || !isCase) return;
  beginCase(path);
  void settings.begin(person.id);
  void queries.prefetchQuery(sharedQuery);
}

/* Whatever fails here is asked again, and told of, by the screen that needs it. */
begin(location.pathname).catch(() => undefined);
