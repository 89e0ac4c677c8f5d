import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { usePerson } from '@/api/cache';
import type { FacilityOut, RulePreview, RuleTable, RuleTables } from '@/api/contract';
import { facilities, requestRules } from '@/api/hub';
import { Skeleton, Trouble, tellProblem } from '@/ui/feedback';
import { useWords } from '@/words';
import { AdminPage } from './AdminPage';
import { Decided } from './rules/Decided';
import { Decision } from './rules/Decision';
import { Preview } from './rules/Preview';
import { Limits, Weights } from './rules/Table';
import './rules/rules.css';

function Editor(props: { told: RuleTables; facility: FacilityOut; everywhere: readonly number[] }) {
  const { told, facility } = props;
  const r = useWords().request.rules;
  const mayDecide = usePerson().permissions.includes('rules:manage');
  const [table, setTable] = useState<RuleTable>(told.table);
  const [tried, setTried] = useState<{ table: RuleTable; preview: RulePreview } | null>(null);
  const [isTrying, setTrying] = useState(false);
  const isChanged = JSON.stringify(table) !== JSON.stringify(told.table);
  const attempt = async (): Promise<void> => {
    setTrying(true);
    try {
      setTried({ table, preview: await requestRules.preview(facility.id, table) });
    } catch (error) {
      tellProblem(error);
    } finally {
      setTrying(false);
    }
  };
  return (
    <div className="rules">
      <Weights table={table} now={told.table} items={told.items} onChange={setTable} isFixed={!mayDecide} />
      <div className="stack">
        <Limits table={table} now={told.table} onChange={setTable} isFixed={!mayDecide} />
        {mayDecide && (
          <div className="row">
            <Button loading={isTrying} disabled={!isChanged} onClick={() => void attempt()}>
              {r.preview}
            </Button>
            <Button variant="subtle" disabled={!isChanged} onClick={() => setTable(told.table)}>
              {r.reset}
            </Button>
          </div>
        )}
        {tried && tried.table === table && <Preview preview={tried.preview} />}
        {mayDecide && isChanged && (
          <Decision table={table} facility={facility} everywhere={props.everywhere} />
        )}
        <Decided told={told} onUse={mayDecide ? setTable : null} />
      </div>
    </div>
  );
}

function OfFacility({ facility, all }: { facility: FacilityOut; all: readonly FacilityOut[] }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['request-rules', facility.id],
    queryFn: () => requestRules.of(facility.id),
  });
  if (error) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  const everywhere = all.filter(({ active }) => active).map(({ id }) => id);
  return (
    <Editor
      key={`${facility.id}-${data.history.length}`}
      told={data}
      facility={facility}
      everywhere={everywhere}
    />
  );
}

/** What a facility's requests are scored by: seen, tried on what was sent, and decided from a day on. */
export function RequestRules() {
  const r = useWords().request.rules;
  const query = useQuery({ queryKey: ['facilities'], queryFn: facilities.list });
  const [chosen, setChosen] = useState<number | null>(null);
  return (
    <AdminPage title={r.title} lead={r.lead} query={query}>
      {(items) => {
        const facility = items.find(({ id }) => id === chosen) ?? items[0];
        if (!facility) return null;
        return (
          <div className="rules-page stack">
            <Select
              label={r.facility}
              className="rules-facility"
              searchable
              allowDeselect={false}
              data={items.map(({ id, name }) => ({ value: String(id), label: name }))}
              value={String(facility.id)}
              onChange={(id) => setChosen(id ? Number(id) : null)}
            />
            <OfFacility key={facility.id} facility={facility} all={items} />
          </div>
        );
      }}
    </AdminPage>
  );
}
