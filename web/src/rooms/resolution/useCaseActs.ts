import { queries } from '@/api/cache';
import type { CaseFull, CasePair } from '@/api/contract';
import { resolution } from '@/api/resolution';
import { confirm } from '@/ui/confirm';
import { tell, tellProblem } from '@/ui/feedback';
import { useWords } from '@/words';

interface Asked {
  title: string;
  body: string;
  confirm: string;
  isGrave?: boolean;
}

/** What a person may do with a case. What contradicts is asked a reason for; the hub says whether it may be done. */
export function useCaseActs(one: CaseFull | undefined) {
  const words = useWords();
  const w = words.resolution;

  const attempt = async (act: () => Promise<unknown>, done: string): Promise<void> => {
    try {
      await act();
      tell(done);
    } catch (error) {
      tellProblem(error);
    }
    await queries.invalidateQueries({ queryKey: ['resolution'] });
  };
  const reasonFor = (needed: boolean, asked: Asked): Promise<string | null> =>
    needed ? confirm({ ...asked, ask: words.common.reason }) : Promise.resolve('');

  const act = async (
    needed: boolean,
    asked: Asked,
    run: (id: number, revision: number, reason: string) => Promise<unknown>,
    done: string,
  ): Promise<void> => {
    if (!one) return;
    const { id, revision } = one;
    const reason = await reasonFor(needed, asked);
    if (reason !== null) await attempt(() => run(id, revision, reason), done);
  };

  return {
    link: (pair: CasePair) =>
      act(
        pair.needs_reason,
        { title: w.linkTitle, body: w.linkLead, confirm: w.link, isGrave: true },
        (id, revision, reason) => resolution.link(id, pair.study_id ?? 0, revision, reason),
        w.linked,
      ),
    other: (pair: CasePair) =>
      act(
        pair.holds,
        { title: w.otherTitle, body: w.otherLead, confirm: w.other },
        (id, revision, reason) => resolution.dismiss(id, [pair.study_id ?? 0], revision, reason),
        w.putAside,
      ),
    none: () =>
      act(
        true,
        { title: w.noneTitle, body: w.noneLead2, confirm: w.noneOfThem },
        (id, revision, reason) => resolution.dismiss(id, [], revision, reason),
        w.putAside,
      ),
    part: (pair: CasePair) =>
      act(
        true,
        { title: w.partTitle, body: w.partLead, confirm: w.part, isGrave: true },
        (id, revision, reason) => resolution.part(id, pair.study_id ?? 0, revision, reason),
        w.parted,
      ),
    release: () =>
      act(
        true,
        { title: w.releaseTitle, body: w.releaseLead, confirm: w.release, isGrave: true },
        (id, revision, reason) => resolution.release(id, revision, reason),
        w.released,
      ),
  };
}

export type CaseActs = ReturnType<typeof useCaseActs>;
