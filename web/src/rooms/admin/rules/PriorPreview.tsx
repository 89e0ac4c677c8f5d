import { Link } from '@tanstack/react-router';
import { usePerson } from '@/api/cache';
import type { PriorPreview as Found } from '@/api/contract';
import { useWords } from '@/words';

/** Which priors a table would have wanted for past requests; nothing is fetched for it. */
export function PriorPreview({ preview }: { preview: Found }) {
  const words = useWords();
  const p = words.priors.rules;
  const r = words.request.rules;
  const mayRead = usePerson().permissions.includes('request:read');
  if (preview.tried === 0) return <p className="note">{r.noneTried}</p>;
  return (
    <section aria-label={r.preview} data-testid="rules-preview">
      <p className="num">
        {r.tried(preview.tried, preview.changed)}
        <b> {p.wanted(preview.wanted_before, preview.wanted_after)}</b>
      </p>
      {preview.items.length > 0 && (
        <table className="dense">
          <thead>
            <tr>
              <th>{p.exam}</th>
              <th className="right">{p.before}</th>
              <th className="right">{r.after}</th>
              <th>{p.more}</th>
              <th>{p.fewer}</th>
            </tr>
          </thead>
          <tbody>
            {preview.items.map((one) => (
              <tr key={one.request_id}>
                <td>
                  {mayRead ? (
                    <Link to="/requests/$id" params={{ id: one.request_id }}>
                      {one.exam}
                    </Link>
                  ) : (
                    one.exam
                  )}
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
