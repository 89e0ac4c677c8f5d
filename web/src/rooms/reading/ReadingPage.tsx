import { useParams } from '@tanstack/react-router';
import { useWords } from '@/words';
import { ReadingRoom } from './ReadingRoom';

export function ReadingPage() {
  const r = useWords().reading;
  const { id } = useParams({ from: '/inside/reading/$id' });
  return (
    <>
      <div className="too-narrow">
        <h1>{r.narrowTitle}</h1>
        <p>{r.narrowLead}</p>
        <a href="/worklist">{r.toWorklist}</a>
      </div>
      {/* A new key is a new room: nothing of the case before can stay on the table. */}
      <ReadingRoom key={id} readingId={id} />
    </>
  );
}
