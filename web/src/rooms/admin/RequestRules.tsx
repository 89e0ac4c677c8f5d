import { useQuery } from '@tanstack/react-query';
import { usePerson } from '@/api/cache';
import type { FacilityOut, RuleTables } from '@/api/contract';
import { requestRules } from '@/api/hub';
import { act } from '@/ui/act';
import { Skeleton, Trouble, tell } from '@/ui/feedback';
import { useWords } from '@/words';
import { Decided } from './rules/Decided';
import { Decision } from './rules/Decision';
import { Preview } from './rules/Preview';
import { RulesPage } from './rules/RulesPage';
import { Limits, Weights } from './rules/Table';
import { TryActs } from './rules/TryActs';
import { useTried } from './rules/useTried';

function Editor(props: { told: RuleTables; facility: FacilityOut; everywhere: readonly number[] }) {
  const { told, facility, everywhere } = props;
  const r = useWords().request.rules;
  const mayDecide = usePerson().permissions.includes('rules:manage');
  const trying = useTried(told.table, (table) => requestRules.preview(facility.id, table));
  const { table, setTable } = trying;
  const decide = async (effective_from: string, reason: string, isEverywhere: boolean): Promise<void> => {
    const facility_ids = isEverywhere ? [...everywhere] : [facility.id];
    const decision = { facility_ids, table, effective_from, reason };
    const done = await act('request-rules', () => requestRules.decide(decision));
    if (done) tell(r.decided(done.decided));
  };
  return (
    <div className="rules">
      <Weights table={table} now={told.table} items={told.items} onChange={setTable} isFixed={!mayDecide} />
      <div className="stack">
        <Limits table={table} now={told.table} onChange={setTable} isFixed={!mayDecide} />
        {mayDecide && <TryActs trying={trying} onReset={() => setTable(told.table)} />}
        {trying.preview && <Preview preview={trying.preview} />}
        {mayDecide && trying.isChanged && <Decision facilities={everywhere.length} onDecide={decide} />}
        <Decided history={told.history} onUse={mayDecide ? setTable : null} />
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
  return (
    <RulesPage title={r.title} lead={r.lead}>
      {(facility, all) => <OfFacility key={facility.id} facility={facility} all={all} />}
    </RulesPage>
  );
}
