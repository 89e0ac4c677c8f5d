import { TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue } from 'react';
import type { CasePair } from '@/api/contract';
import { resolution } from '@/api/resolution';
import { Trouble } from '@/ui/feedback';
import { useWords } from '@/words';

/** Studies without a request that say some words, each beside the request; nothing is offered before something is typed. */
export function Search(props: {
  caseId: number;
  words: string;
  onWords: (words: string) => void;
  children: (pairs: readonly CasePair[]) => ReactNode;
}) {
  const { caseId, words, onWords } = props;
  const w = useWords().resolution.search;
  const typed = useDeferredValue(words.trim());
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['resolution', 'search', caseId, typed],
    queryFn: ({ signal }) => resolution.search(caseId, typed, signal),
    enabled: typed !== '',
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const found = typed === '' ? [] : (data?.items ?? []);
  return (
    <section className="case-search" aria-label={w.title}>
      <TextInput
        type="search"
        label={w.title}
        description={w.lead}
        maxLength={100}
        value={words}
        onChange={(event) => onWords(event.currentTarget.value)}
      />
      {error && <Trouble error={error} onRetry={() => void refetch()} />}
      {typed !== '' && data && (
        <p className="muted" role="status">
          {isFetching ? w.looking : w.found(found.length)}
        </p>
      )}
      {props.children(found)}
    </section>
  );
}
