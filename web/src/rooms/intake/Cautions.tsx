import type { Completeness } from '@/api/contract';
import { useWords } from '@/words';
import './cautions.css';

/** What the request says that a limit of the facility speaks against. */
export function Cautions({ cautions }: { cautions: NonNullable<Completeness['cautions']> }) {
  const r = useWords().request;
  if (cautions.length === 0) return null;
  return (
    <div className="note amber cautions">
      <b>{r.cautions}</b>
      <ul>
        {cautions.map(({ field, sentence }) => (
          <li key={field + sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}
