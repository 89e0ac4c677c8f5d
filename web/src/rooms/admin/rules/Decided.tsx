import { Button } from '@mantine/core';
import type { RuleTable, RuleTables } from '@/api/contract';
import { Tag } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { dateText, todayInJapan, whenText } from '@/ui/time';
import { useWords } from '@/words';

/** Every decision stays readable: from when on, by whom, why. */
export function Decided({ told, onUse }: { told: RuleTables; onUse: ((table: RuleTable) => void) | null }) {
  const words = useWords();
  const r = words.request.rules;
  const now = useNow();
  const today = todayInJapan(now);
  if (told.history.length === 0) return <p className="muted">{r.noHistory}</p>;
  return (
    <section aria-label={r.history}>
      <h2>{r.history}</h2>
      <ul className="rules-history">
        {told.history.map((one) => (
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
