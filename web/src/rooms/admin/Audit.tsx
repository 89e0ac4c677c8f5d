import { Button, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AuditItem, AuditVerdict } from '@/api/contract';
import { audit } from '@/api/hub';
import { Empty, Skeleton, Trouble, tellProblem } from '@/ui/feedback';
import { clockText, fullText } from '@/ui/time';
import { useWords } from '@/words';
import './admin.css';

function Lines({ items }: { items: readonly AuditItem[] }) {
  const w = useWords().admin;
  return (
    <table className="dense">
      <thead>
        <tr>
          <th className="right">{w.seq}</th>
          <th>{w.at}</th>
          <th>{w.who}</th>
          <th>{w.what}</th>
          <th>{w.object}</th>
          <th>{w.event}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.seq}>
            <td className="num right muted">{item.seq}</td>
            <td className="num">
              {fullText(item.at).split(' ')[0]} {clockText(item.at)}
            </td>
            <td>{item.by_name || item.by}</td>
            <td className="wrap">{item.sentence}</td>
            <td className="muted num">{item.object}</td>
            <td className="muted">{item.event}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Verify() {
  const w = useWords().admin;
  const [verdict, setVerdict] = useState<AuditVerdict | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      setVerdict(await audit.verify());
    } catch (error) {
      tellProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {verdict && (
        <span className={verdict.ok ? 'verdict good' : 'verdict bad'} role="status">
          {verdict.ok
            ? w.verifyOk(verdict.checked)
            : w.verifyBroken(verdict.first_broken?.seq ?? 0, verdict.first_broken?.reason ?? '')}
        </span>
      )}
      <Button onClick={() => void run()} loading={isBusy}>
        {w.verify}
      </Button>
    </>
  );
}

export function Audit() {
  const words = useWords();
  const w = words.admin;
  const [event, setEvent] = useState('');
  const query = useInfiniteQuery({
    queryKey: ['audit', event],
    queryFn: ({ pageParam }) => audit.list({ event, before: pageParam, limit: 100 }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next_before ?? undefined,
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="page">
      <header>
        <h1>{w.audit}</h1>
        <span className="muted">{w.auditLead}</span>
        <span className="spacer" />
        <TextInput
          aria-label={w.event}
          placeholder={w.auditSearch}
          value={event}
          onChange={(change) => setEvent(change.currentTarget.value)}
        />
        <Verify />
      </header>
      {query.error && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      <div className="sheet scroll">
        {query.isPending && <Skeleton />}
        {query.isSuccess && items.length === 0 && <Empty title={w.noAudit} />}
        {items.length > 0 && <Lines items={items} />}
      </div>
      {query.hasNextPage && (
        <p>
          <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
            {words.common.more}
          </Button>
        </p>
      )}
    </div>
  );
}
