import { queries } from '@/api/cache';
import { tell, tellProblem } from '@/ui/feedback';

/** Does something at the hub, says that it was done, and has every list of this screen look again. */
export async function doing(run: () => Promise<unknown>, done: string): Promise<void> {
  try {
    await run();
    tell(done);
  } catch (error) {
    tellProblem(error);
  } finally {
    await queries.invalidateQueries({ queryKey: ['reconciliation'] });
  }
}
