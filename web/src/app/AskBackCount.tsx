import { useQuery } from '@tanstack/react-query';
import { askBacks } from '@/api/askbacks';
import { useWords } from '@/words';

/** How many questions wait for an answer; nothing while none does. */
export function AskBackCount() {
  const a = useWords().askBacks;
  const { data } = useQuery({
    queryKey: ['ask-backs', 'open'],
    queryFn: ({ signal }) => askBacks.list('open', signal),
    refetchInterval: 60_000,
  });
  const open = data?.counts.open ?? 0;
  return open > 0 ? (
    <span className="nav-count num" title={a.waiting(open)}>
      {open}
    </span>
  ) : null;
}
