import { Button } from '@mantine/core';
import { queries } from '@/api/cache';
import type { PaperFull } from '@/api/contract';
import { type PutAway, papers } from '@/api/papers';
import type { Command } from '@/ui/commands';
import { confirm } from '@/ui/confirm';
import { tell, tellProblem } from '@/ui/feedback';
import { useWords } from '@/words';

const AWAY: readonly PutAway[] = ['again', 'return', 'reject', 'reopen'];

/** Ways a paper leaves without becoming a request, each with a reason. */
export function usePutAway(paper: PaperFull): Command[] {
  const words = useWords();
  const w = words.papers;
  const run = async (act: PutAway): Promise<void> => {
    const reason = await confirm({
      title: w[act],
      body: w.reasonLead,
      confirm: w[act],
      ask: words.common.reason,
    });
    if (reason === null) return;
    try {
      await papers.putAway(paper.id, act, reason);
      tell(w.done);
    } catch (error) {
      tellProblem(error);
    }
    await queries.invalidateQueries({ queryKey: ['papers'] });
  };
  return AWAY.filter((act) => paper.acts.includes(act)).map((act) => ({
    id: `paper.${act}`,
    title: w[act],
    run: () => void run(act),
  }));
}

/** Requests of the same patient that came by another way; a person says whether one is the same. */
export function Candidates({ paper }: { paper: PaperFull }) {
  const words = useWords();
  const w = words.papers;
  if (paper.candidates.length === 0 || !paper.acts.includes('join')) return null;
  const join = async (id: number): Promise<void> => {
    const reason = await confirm({
      title: w.join,
      body: w.request(id),
      confirm: w.join,
      ask: words.common.reason,
    });
    if (reason === null) return;
    try {
      await papers.join(paper.id, id, reason);
      tell(w.done);
    } catch (error) {
      tellProblem(error);
    }
    await queries.invalidateQueries({ queryKey: ['papers'] });
  };
  return (
    <div className="note amber">
      {w.candidates}
      <ul>
        {paper.candidates.map((one) => (
          <li key={one.request_id}>
            {w.request(one.request_id)} {one.modality} {one.description} {one.exam_on} {one.by}{' '}
            <Button size="compact-xs" onClick={() => void join(one.request_id)}>
              {w.join}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
