import { Select } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { usePerson } from '@/api/cache';
import type { Reconciliation } from '@/api/contract';
import { reconciliation } from '@/api/reconciliation';
import { Empty, Skeleton, Trouble } from '@/ui/feedback';
import { fullText } from '@/ui/time';
import { useWords } from '@/words';
import { Certificates } from './Certificates';
import { Explained } from './Explained';
import { LooseEnds } from './LooseEnds';
import { Overview } from './Overview';
import './reconciliation.css';

const route = getRouteApi('/inside/reconciliation');
const TOTALS = ['studies', 'instances', 'earlier_studies', 'requests', 'readings', 'reports'] as const;

function Moved({ totals }: { totals: Reconciliation['totals'] }) {
  const r = useWords().reconciliation;
  return (
    <div className="moved">
      <span className="muted">{r.totals.lead}</span>
      <dl>
        {TOTALS.map((one) => (
          <div key={one}>
            <dt>{r.totals[one]}</dt>
            <dd className="num">{totals[one]}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function OfFacility({ facility }: { facility: number }) {
  const r = useWords().reconciliation;
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['reconciliation', facility],
    queryFn: ({ signal }) => reconciliation.now(facility, signal),
    refetchInterval: 60_000,
  });
  if (error) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  return (
    <>
      <Moved totals={data.totals} />
      <section aria-labelledby="loose-now">
        <h2 id="loose-now">
          {r.now} <span className="num">{r.count(data.open.length)}</span>{' '}
          <span className="muted">{r.at(fullText(data.at))}</span>
        </h2>
        {data.open.length === 0 ? (
          <div className="sheet">
            <Empty title={r.none}>{r.noneLead}</Empty>
          </div>
        ) : (
          <LooseEnds ends={data.open} facility={facility} mayExplain={data.may_explain} />
        )}
      </section>
      {data.explained.length > 0 && <Explained ends={data.explained} mayExplain={data.may_explain} />}
      <Certificates certificates={data.certificates} missed={data.missed} />
    </>
  );
}

/** What nobody has taken up: of one facility now, and night by night; for the service, of all of them. */
export function ReconciliationPage() {
  const r = useWords().reconciliation;
  const { facilities, permissions } = usePerson();
  const navigate = useNavigate();
  const { facility } = route.useSearch();
  const isService = permissions.includes('reconciliation:send');
  const chosen = facility ?? (isService ? undefined : facilities[0]?.id);
  const choose = (id: string | null): void =>
    void navigate({ to: '/reconciliation', search: id ? { facility: Number(id) } : {} });
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['reconciliation', 'newest'],
    queryFn: ({ signal }) => reconciliation.newest(signal),
    placeholderData: keepPreviousData,
    enabled: isService && chosen === undefined,
  });
  return (
    <div className="page reconciliation">
      <header>
        <h1>{r.title}</h1>
        <span className="muted">{r.lead}</span>
        <span className="spacer" />
        {(isService || facilities.length > 1) && (
          <Select
            aria-label={r.facility}
            searchable
            clearable={isService}
            placeholder={r.every}
            data={facilities.map(({ id, name }) => ({ value: String(id), label: name }))}
            value={chosen === undefined ? null : String(chosen)}
            onChange={choose}
          />
        )}
      </header>
      {chosen !== undefined && <OfFacility key={chosen} facility={chosen} />}
      {chosen === undefined && error && <Trouble error={error} onRetry={() => void refetch()} />}
      {chosen === undefined && isService && isPending && <Skeleton />}
      {chosen === undefined && data && (
        <Overview certificates={data.items} onChoose={(id) => choose(String(id))} />
      )}
    </div>
  );
}
