import { queries } from '@/api/cache';
import { tell, tellProblem } from '@/ui/feedback';

/** Do an act, say what became of it, and look again; whether it was done. */
export async function attempt(act: () => Promise<unknown>, done: string): Promise<boolean> {
  let isDone = true;
  try {
    await act();
    tell(done);
  } catch (error) {
    isDone = false;
    tellProblem(error);
  }
  await Promise.all([
    queries.invalidateQueries({ queryKey: ['patients'] }),
    queries.invalidateQueries({ queryKey: ['patient-studies'] }),
  ]);
  return isDone;
}
