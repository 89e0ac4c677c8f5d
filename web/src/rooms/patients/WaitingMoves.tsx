import { useQuery } from '@tanstack/react-query';
import { studyMoves } from '@/api/moves';
import { Trouble } from '@/ui/feedback';
import { useWords } from '@/words';
import { moveText } from './Moves';

/** Moves that wait for a second person; each opens the patient the study would go to. */
export function WaitingMoves({ onChoose }: { onChoose: (id: number) => void }) {
  const words = useWords();
  const m = words.patients.moves;
  const { data, error, refetch } = useQuery({
    queryKey: ['patient-studies', 'moves', 'waiting'],
    queryFn: ({ signal }) => studyMoves.waiting(signal),
  });
  if (error && !data) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (!data || data.items.length === 0) return null;
  return (
    <section className="sheet waiting-merges" aria-label={m.waitingTitle}>
      <h2>{m.waiting(data.items.length)}</h2>
      <ul>
        {data.items.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => onChoose(one.target.id)}>
              {moveText(one, words)} <span className="muted">{one.asked_by_name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
