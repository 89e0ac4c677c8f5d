import { useQuery } from '@tanstack/react-query';
import { resolution } from '@/api/resolution';
import { useWords } from '@/words';

/** How many requests wait for somebody who says which images are theirs; red while a reading is held for it. */
export function ResolutionCount() {
  const w = useWords().resolution;
  const { data } = useQuery({
    queryKey: ['resolution', 'list', 'open'],
    queryFn: ({ signal }) => resolution.list('open', signal),
    refetchInterval: 60_000,
  });
  const { open = 0, held = 0 } = data?.counts ?? {};
  return open > 0 ? (
    <span className={held > 0 ? 'nav-count num held' : 'nav-count num'} title={w.waiting(open, held)}>
      {open}
      <span className="sr"> {w.waiting(open, held)}</span>
    </span>
  ) : null;
}
