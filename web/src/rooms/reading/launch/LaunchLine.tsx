import type { Launch } from '@/api/contract';
import { clockText } from '@/ui/time';
import { useWords, type Words } from '@/words';
import type { Launching } from './launching';

function stateText(launch: Launch, words: Words): string {
  const s = words.launch.state;
  const at = launch.reported_at ? clockText(launch.reported_at) : '';
  if (launch.state === 'differs') return s.differs;
  if (launch.state === 'closed') return s.closed;
  if (launch.state === 'opened') return launch.tells ? s.waiting : s.silent;
  return launch.shown_study_uid === launch.study_instance_uid ? s.confirmed(at) : s.comparison(at);
}

/** What was opened in a certified viewer, when, for whom, and whether that viewer has said so itself. */
export function LaunchLine({ launching }: { launching: Launching }) {
  const words = useWords();
  const [last] = launching.launched;
  if (!last) return null;
  const isBad = last.state === 'differs';
  return (
    <span
      className={isBad ? 'launch-line bad' : 'launch-line muted'}
      role="status"
      data-testid="launch-line"
      data-state={last.state}
    >
      {words.launch.line(last.viewer, clockText(last.opened_at), last.patient_name || last.patient_id)}
      {' · '}
      {stateText(last, words)}
    </span>
  );
}
