import { useQuery } from '@tanstack/react-query';
import { type Asking, askBacks } from '@/api/askbacks';
import { queries } from '@/api/cache';
import type { AskBack } from '@/api/contract';
import { confirm } from '@/ui/confirm';
import { tell, tellProblem } from '@/ui/feedback';
import { useWords } from '@/words';

/** What was asked about one case; asked for again whenever the hub says that an ask-back changed. */
export function useAskBacks({ kind, id }: Asking) {
  return useQuery({
    queryKey: ['ask-backs', kind, id],
    queryFn: ({ signal }) => askBacks.of({ kind, id }, signal),
    gcTime: 0,
    refetchInterval: 60_000,
  });
}

export const refreshAskBacks = (): Promise<void> => queries.invalidateQueries({ queryKey: ['ask-backs'] });

export function useWithdraw(asking: Asking): (one: AskBack) => Promise<void> {
  const words = useWords();
  const a = words.askBacks;
  return async (one) => {
    const reason = await confirm({
      title: a.withdrawTitle,
      body: `${one.label}: ${one.sentence} ${a.withdrawLead}`,
      confirm: a.withdraw,
      ask: words.common.reason,
    });
    if (reason === null) return;
    try {
      await askBacks.withdraw(asking, one.id, reason);
      tell(a.withdrawn);
    } catch (error) {
      tellProblem(error);
    }
    await refreshAskBacks();
  };
}
