import { Button } from '@mantine/core';
import { Tag } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { dateText, todayInJapan, whenText } from '@/ui/time';
import { useWords } from '@/words';

interface Decision<Table> {
  number: number;
  effective_from: string;
  is_now: boolean;
  reason: string;
  made_by: string;
  made_at: string;
  table: Table;
}

/** Every decision stays readable: from when on, by whom, why. */
export function Decided<Table>(props: {
  history: readonly Decision<Table>[];
  onUse: ((table: Table) => void) | null;
}) {
  const { history, onUse } = props;
  const words = useWords();
  const r = words.request.rules;
  const now = useNow();
  const today = todayInJapan(now);
  if (history.length === 0) return <p className="muted">{r.noHistory}</p>;
  return (
    <section aria-label={r.history}>
      <h2>{r.history}</h2>
      <ul className="rules-history">
        {history.map((one) => (
          <li key={one.number}>
            <span className="num">
              {r.number(one.number)} {dateText(one.effective_from)}
            </span>{' '}
            {one.is_now ? (
              <Tag tone="accent">{r.current}</Tag>
            ) : (
              <Tag>{one.effective_from > today ? r.planned : r.past}</Tag>
            )}{' '}
            {one.reason}{' '}
            <span className="muted num">
              {one.made_by} {whenText(one.made_at, now, words.time)}
            </span>
            {onUse && (
              <Button variant="subtle" size="compact-xs" onClick={() => onUse(one.table)}>
                {r.use}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
