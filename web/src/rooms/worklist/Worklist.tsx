import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { queries, useMe } from '@/api/cache';
import type { Box, ReadingRow } from '@/api/contract';
import { readings } from '@/api/hub';
import { isProblem } from '@/api/problem';
import { CommandButton } from '@/ui/CommandButton';
import { type Command, keysText, useCommands } from '@/ui/commands';
import { confirm } from '@/ui/confirm';
import { Empty, Skeleton, Trouble, tell, tellProblem } from '@/ui/feedback';
import { useNow } from '@/ui/now';
import { openWith } from '@/viewer/early';
import { useWords } from '@/words';
import { matching } from './filter';
import { Row } from './Row';
import { usePrepared } from './usePrepared';
import './worklist.css';

const BOXES: readonly Box[] = ['open', 'mine', 'done'];

/** Taking, opening and giving back a case. What may be done with a row is for the hub to say, in `acts`. */
function useCaseActs(onOpen: (id: number | null) => void) {
  const words = useWords();
  const navigate = useNavigate();
  const refresh = () => queries.invalidateQueries({ queryKey: ['readings'] });
  const enter = (id: number): void => void navigate({ to: '/reading/$id', params: { id } });
  return {
    enter,
    next: async () => {
      try {
        onOpen(null);
        enter(openWith(await readings.next()).id);
      } catch (error) {
        if (isProblem(error, 'reading.none_waiting')) tell(error.message || words.worklist.noneWaiting);
        else tellProblem(error);
        void refresh();
      }
    },
    open: async (row: ReadingRow) => {
      try {
        onOpen(row.id);
        if (row.acts.includes('claim')) openWith(await readings.claim(row.id));
        else if (!row.acts.some((act) => act === 'open' || act === 'write')) {
          tell(row.refusal?.sentence ?? words.worklist.cannot);
          return;
        }
        enter(row.id);
      } catch (error) {
        tellProblem(error);
        void refresh();
      }
    },
    release: async (row: ReadingRow) => {
      const w = words.worklist;
      const reason = await confirm({
        title: w.releaseTitle,
        body: w.releaseLead,
        confirm: w.release,
        ask: words.common.reason,
      });
      if (reason === null) return;
      try {
        await readings.release(row.id, reason);
        tell(w.released);
      } catch (error) {
        tellProblem(error);
      }
      void refresh();
    },
  };
}

function NoRows({ box, isFiltered }: { box: Box; isFiltered: boolean }) {
  const w = useWords().worklist;
  if (isFiltered) return <Empty title={w.noneFiltered}>{w.noneFilteredLead}</Empty>;
  if (box === 'mine') return <Empty title={w.noneMine}>{w.noneMineLead}</Empty>;
  if (box === 'done') return <Empty title={w.noneDone}>{w.noneDoneLead}</Empty>;
  return <Empty title={w.noneWaiting}>{w.noneWaitingLead}</Empty>;
}

function Columns() {
  const c = useWords().worklist.columns;
  return (
    <thead>
      <tr>
        <th className="right">{c.left}</th>
        <th>{c.urgency}</th>
        <th>{c.exam}</th>
        <th>{c.patient}</th>
        <th>{c.age}</th>
        <th>{c.facility}</th>
        <th>{c.studyAt}</th>
        <th className="right">{c.images}</th>
        <th>{c.priors}</th>
        <th className="right">{c.completeness}</th>
        <th>{c.state}</th>
      </tr>
    </thead>
  );
}

export function Worklist() {
  const words = useWords();
  const w = words.worklist;
  const now = useNow();
  const myId = useMe().data?.person?.id;
  const [box, setBox] = useState<Box>('open');
  const [query, setQuery] = useState('');
  const [chosenId, setChosenId] = useState<number | null>(null);
  const filterRef = useRef<HTMLInputElement>(null);
  const tableRef = useRef<HTMLTableElement>(null);

  const list = useQuery({
    queryKey: ['readings', box],
    queryFn: () => readings.list(box),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const rows = useMemo(() => matching(list.data?.items ?? [], query, words), [list.data, query, words]);
  const at = rows.findIndex((row) => row.id === chosenId);
  const chosen = rows[at] ?? rows[0];
  const acts = useCaseActs(usePrepared(chosen, at >= 0));

  useEffect(() => {
    tableRef.current?.querySelector('tr.chosen')?.scrollIntoView({ block: 'nearest' });
  });

  const move = (step: number): void => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, Math.max(0, at) + step))];
    if (next) setChosenId(next.id);
  };
  const isMine = chosen?.state === 'claimed' && chosen.reader?.id === myId;
  const openTitle = isMine ? w.resume : w.claimAndOpen;
  const command = {
    next: { id: 'worklist.next', title: w.next, keys: ['Space'], run: () => void acts.next() },
    open: {
      id: 'worklist.open',
      title: chosen ? openTitle : w.openRow,
      keys: ['Enter'],
      when: () => Boolean(chosen?.acts.some((act) => act === 'claim' || act === 'open' || act === 'write')),
      run: () => chosen && void acts.open(chosen),
    },
    release: {
      id: 'worklist.release',
      title: w.release,
      when: () => Boolean(chosen?.acts.includes('release')),
      run: () => chosen && void acts.release(chosen),
    },
  } satisfies Record<string, Command>;
  useCommands([
    ...Object.values(command),
    { id: 'worklist.down', title: w.down, keys: ['j', 'ArrowDown'], run: () => move(1) },
    { id: 'worklist.up', title: w.up, keys: ['k', 'ArrowUp'], run: () => move(-1) },
    { id: 'worklist.filter', title: w.focusFilter, keys: ['/'], run: () => filterRef.current?.focus() },
    ...BOXES.map((one) => ({
      id: `worklist.box.${one}`,
      title: `${w.switchBox}: ${w.box[one]}`,
      run: () => setBox(one),
    })),
  ]);

  const counts = list.data?.counts;
  return (
    <div className="worklist">
      <header>
        <h1 className="sr">{w.title}</h1>
        <Button
          variant="filled"
          size="sm"
          onClick={command.next.run}
          rightSection={<kbd>{keysText('Space')}</kbd>}
        >
          {w.next}
        </Button>
        <SegmentedControl
          size="xs"
          value={box}
          onChange={(value) => setBox(value as Box)}
          data={BOXES.map((one) => ({
            value: one,
            label: `${w.box[one]} ${(one === 'done' ? counts?.done_today : counts?.[one]) ?? ''}`,
          }))}
        />
        <TextInput
          ref={filterRef}
          className="filter"
          size="xs"
          aria-label={words.common.search}
          placeholder={w.filter}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        />
        <span className="spacer" />
        {counts && counts.overdue > 0 && (
          <span className="overdue-count num">{w.overdue(counts.overdue)}</span>
        )}
        <span className="muted num">{counts ? w.today(counts.done_today) : ''}</span>
        <CommandButton command={command.release} />
        <CommandButton command={command.open} />
      </header>
      {list.error && <Trouble error={list.error} onRetry={() => void list.refetch()} />}
      <section className="scroll" aria-label={w.title}>
        {list.isPending ? (
          <Skeleton rows={12} />
        ) : rows.length === 0 ? (
          <NoRows box={box} isFiltered={query.trim() !== ''} />
        ) : (
          <table className="dense" ref={tableRef}>
            <Columns />
            <tbody>
              {rows.map((row) => (
                <Row
                  key={row.id}
                  row={row}
                  now={now}
                  myId={myId}
                  isChosen={row.id === chosen?.id}
                  onChoose={() => setChosenId(row.id)}
                  onOpen={() => void acts.open(row)}
                />
              ))}
            </tbody>
          </table>
        )}
      </section>
      {chosen && (
        <footer className="num">
          <span className="muted">{words.reading.question}</span>{' '}
          {chosen.question || words.reading.notWritten}
        </footer>
      )}
    </div>
  );
}
