import { useQuery } from '@tanstack/react-query';
import { papers } from '@/api/papers';
import { useWords } from '@/words';

/** How many slips nobody has in hand; red while one of them is an emergency. */
export function PaperCount() {
  const w = useWords().papers;
  const { data } = useQuery({
    queryKey: ['papers', 'open'],
    queryFn: ({ signal }) => papers.list('open', signal),
    refetchInterval: 60_000,
  });
  const { waiting = 0, emergency = 0 } = data?.counts ?? {};
  return waiting > 0 ? (
    <span
      className={emergency > 0 ? 'nav-count num held' : 'nav-count num'}
      title={w.waiting(waiting, emergency)}
    >
      {waiting}
      <span className="sr"> {w.waiting(waiting, emergency)}</span>
    </span>
  ) : null;
}
