import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import type { ReadingDetail } from '@/api/contract';
import { readings } from '@/api/hub';
import { Skeleton, Trouble } from '@/ui/feedback';
import { early } from '@/viewer/early';
import { useWords } from '@/words';
import './reading.css';

/**
 * A window of a case, once the hub has said what the case is: each asks for itself and takes no patient's name from another window.
 * `wayOut` stands beside what went wrong.
 */
export function WithReading(props: {
  readingId: number;
  wayOut?: ReactNode;
  children: (reading: ReadingDetail) => ReactNode;
}) {
  const words = useWords();
  const { data, error, refetch } = useQuery({
    queryKey: ['reading', props.readingId],
    queryFn: ({ signal }) => early.reading.take(props.readingId, () => readings.get(props.readingId, signal)),
    gcTime: 0,
  });
  useEffect(() => {
    document.body.classList.add('reading-open');
    return () => document.body.classList.remove('reading-open');
  }, []);
  if (error && !data) {
    return (
      <div className="page">
        <Trouble error={error} onRetry={() => void refetch()} />
        {props.wayOut}
      </div>
    );
  }
  return data ? props.children(data) : <Skeleton rows={14} label={words.reading.loadingCase} />;
}
