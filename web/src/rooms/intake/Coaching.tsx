import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useMe } from '@/api/cache';
import type { Coaching as Told } from '@/api/contract';
import { requestRules } from '@/api/hub';
import { Empty, Skeleton, Trouble } from '@/ui/feedback';
import { useWords } from '@/words';
import './coaching.css';

const percent = (part: number, whole: number): number => (whole > 0 ? Math.round((100 * part) / whole) : 0);

function Share({ missing, sent }: { missing: number; sent: number }) {
  const share = percent(missing, sent);
  return (
    <td className="num right share" title={`${missing} / ${sent}`}>
      {sent === 0 ? <span className="muted">–</span> : `${share}%`}
      {sent > 0 && <span className="share-bar" style={{ width: `${share}%` }} aria-hidden="true" />}
    </td>
  );
}

function Lacking({ told }: { told: Told }) {
  const c = useWords().request.coaching;
  const month = (day: string): string => c.month(Number(day.slice(0, 4)), Number(day.slice(5, 7)));
  return (
    <table className="dense coaching">
      <thead>
        <tr>
          <th>{c.item}</th>
          {told.months.map((one) => (
            <th key={one.month} className="right num">
              {month(one.month)}
            </th>
          ))}
          <th className="right">{c.askBacks}</th>
          <th className="right">{c.waited}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{c.sent}</th>
          {told.months.map((one) => (
            <td key={one.month} className="num right">
              {one.sent}
            </td>
          ))}
          <td colSpan={2} />
        </tr>
        <tr>
          <th scope="row">{c.mean}</th>
          {told.months.map((one) => (
            <td key={one.month} className="num right">
              {one.mean ?? <span className="muted">–</span>}
            </td>
          ))}
          <td colSpan={2} />
        </tr>
        {told.items.map((item) => (
          <tr key={item.field}>
            <th scope="row">{c.without(item.label)}</th>
            {told.months.map((one, at) => (
              <Share key={one.month} missing={item.missing[at] ?? 0} sent={one.sent} />
            ))}
            <td className="num right">{item.asked || <span className="muted">–</span>}</td>
            <td className="num right">
              {item.asked ? c.minutes(item.minutes) : <span className="muted">–</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Where the priors of the last requests are. */
function PriorCounts({ facilityId }: { facilityId: number }) {
  const c = useWords().priors.counts;
  const { data } = useQuery({
    queryKey: ['prior-states', facilityId],
    queryFn: () => requestRules.priorStates(facilityId),
  });
  if (!data || data.total === 0) return null;
  const states = (['received', 'elsewhere', 'none', 'not_asked'] as const).map((state) =>
    c[state](data[state]),
  );
  const troubles = [
    data.unreachable > 0 && c.unreachable(data.unreachable),
    data.failed > 0 && c.failed(data.failed),
    !data.has_archive && c.noArchive,
  ].filter(Boolean);
  return (
    <p className="prior-counts" data-testid="prior-counts">
      <b>{c.title(data.days)}</b> <span className="num">{states.join('・')}</span>{' '}
      <span className="muted">{troubles.join('・')}</span>
    </p>
  );
}

/** What one's requests usually lack and whether it gets better: to learn from, names nobody. */
export function Coaching() {
  const words = useWords();
  const c = words.request.coaching;
  const own = useMe().data?.facilities ?? [];
  const [chosen, setChosen] = useState<number | null>(null);
  const facility = own.find(({ id }) => id === chosen) ?? own[0];
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['request-coaching', facility?.id],
    queryFn: () => requestRules.coaching(facility?.id ?? 0),
    enabled: facility !== undefined,
  });
  const isEmpty = data?.months.every(({ sent }) => sent === 0);
  return (
    <div className="page">
      <header>
        <h1>{c.title}</h1>
        <span className="muted">{c.lead}</span>
        <span className="spacer" />
        {own.length > 1 && (
          <Select
            aria-label={words.request.rules.facility}
            searchable
            allowDeselect={false}
            data={own.map(({ id, name }) => ({ value: String(id), label: name }))}
            value={facility ? String(facility.id) : null}
            onChange={(id) => setChosen(id ? Number(id) : null)}
          />
        )}
        <Link to="/requests">{words.intake.requests}</Link>
      </header>
      {error && <Trouble error={error} onRetry={() => void refetch()} />}
      <div className="sheet scroll">
        {isPending && facility && <Skeleton />}
        {(isEmpty || !facility) && <Empty title={c.none}>{c.noneLead}</Empty>}
        {facility && <PriorCounts facilityId={facility.id} />}
        {data && !isEmpty && <Lacking told={data} />}
      </div>
    </div>
  );
}
