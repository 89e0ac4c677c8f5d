import { useQuery } from '@tanstack/react-query';
import { patients } from '@/api/patients';
import { patientName } from '@/ui/patient';
import { useWords } from '@/words';

/** Merges that wait for a second person; each opens the patient that stays. */
export function WaitingMerges({ count, onChoose }: { count: number; onChoose: (id: number) => void }) {
  const words = useWords();
  const w = words.patients;
  const { data } = useQuery({
    queryKey: ['patients', 'merges', count],
    queryFn: ({ signal }) => patients.waiting(signal),
  });
  return (
    <section className="sheet waiting-merges" aria-label={w.waitingTitle}>
      <h2>{w.waiting(count)}</h2>
      <ul>
        {data?.items.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => onChoose(one.survivor.id)}>
              {w.mergeOf(
                `${patientName(one.merged, words)} ${one.merged.patient_id}`,
                `${patientName(one.survivor, words)} ${one.survivor.patient_id}`,
              )}{' '}
              <span className="muted">{one.asked_by_name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
