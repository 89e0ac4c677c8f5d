import { queries } from '@/api/cache';
import { tell, tellProblem } from '@/ui/feedback';

/** Does something at the hub, says what came of it, and asks again for the list it changed. Null when it failed. */
export async function act<Out>(key: string, run: () => Promise<Out>, done?: string): Promise<Out | null> {
  try {
    const out = await run();
    if (done) tell(done);
    return out;
  } catch (error) {
    tellProblem(error);
    return null;
  } finally {
    void queries.invalidateQueries({ queryKey: [key] });
  }
}
