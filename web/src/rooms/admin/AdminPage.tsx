import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Skeleton, Trouble } from '@/ui/feedback';

/** The frame of every office screen: title, one sentence, acts, and what the query came to. */
export function AdminPage<Data>(props: {
  title: string;
  lead?: string;
  acts?: ReactNode;
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
}) {
  const { query } = props;
  return (
    <div className="page">
      <header>
        <h1>{props.title}</h1>
        {props.lead && <span className="muted">{props.lead}</span>}
        <span className="spacer" />
        {props.acts}
      </header>
      {query.error && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      <div className="sheet scroll">
        {query.isPending && <Skeleton />}
        {query.data !== undefined && props.children(query.data)}
      </div>
    </div>
  );
}
