import { Link } from '@tanstack/react-router';
import { usePerson } from '@/api/cache';
import type { RulePreview } from '@/api/contract';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';

/** What a table would have said of requests that were sent; they keep what they had. */
export function Preview({ preview }: { preview: RulePreview }) {
  const words = useWords();
  const r = words.request.rules;
  const now = useNow();
  const mayRead = usePerson().permissions.includes('request:read');
  if (preview.tried === 0) return <p className="note">{r.noneTried}</p>;
  return (
    <section aria-label={r.preview} data-testid="rules-preview">
      <p className="num">
        {r.tried(preview.tried, preview.changed)}
        {preview.mean_before != null && preview.mean_after != null && (
          <b> {r.mean(preview.mean_before, preview.mean_after)}</b>
        )}
        {preview.asked > 0 && <> {r.asked(preview.asked)}</>}
      </p>
      {preview.items.length > 0 && (
        <table className="dense">
          <thead>
            <tr>
              <th>{r.item}</th>
              <th className="right">{r.before}</th>
              <th className="right">{r.after}</th>
              <th>{r.more}</th>
              <th>{r.fewer}</th>
            </tr>
          </thead>
          <tbody>
            {preview.items.map((one) => (
              <tr key={`${one.request_id}-${one.sent_at}`}>
                <td>
                  {mayRead ? (
                    <Link to="/requests/$id" params={{ id: one.request_id }}>
                      {one.exam}
                    </Link>
                  ) : (
                    one.exam
                  )}{' '}
                  <span className="muted num">{whenText(one.sent_at, now, words.time)}</span>
                </td>
                <td className="num right">{one.before}</td>
                <td className="num right">
                  <b>{one.after}</b>
                </td>
                <td className="wrap">{one.more.join('、')}</td>
                <td className="wrap muted">{one.fewer.join('、')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
