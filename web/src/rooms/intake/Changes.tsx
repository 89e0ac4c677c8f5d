import type { RequestOut } from '@/api/contract';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';
import './changes.css';

/** What the facility changed since it sent a request, line by line, the newest first. */
export function Changes({ request }: { request: RequestOut }) {
  const words = useWords();
  const c = words.request.change;
  const now = useNow();
  const changes = request.changes ?? [];
  if (changes.length === 0) return null;
  return (
    <section className="note amber request-changes" aria-label={c.title} data-testid="request-changes">
      <b>{c.title}</b>
      {changes.map((one) => (
        <details key={one.version} open={one === changes[0]}>
          <summary>
            <span className="num">{whenText(one.at, now, words.time)}</span> {one.by}
            <span className="muted"> {c.count(one.lines.length)}</span>
          </summary>
          <dl>
            {one.lines.map(({ label, before, after }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>
                  <del>{before || words.reading.notWritten}</del> →{' '}
                  <ins>{after || words.reading.notWritten}</ins>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      ))}
    </section>
  );
}
