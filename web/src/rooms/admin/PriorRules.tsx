import { useQuery } from '@tanstack/react-query';
import { usePerson } from '@/api/cache';
import type { FacilityOut, PriorTables } from '@/api/contract';
import { priorRules } from '@/api/hub';
import { act } from '@/ui/act';
import { Skeleton, Trouble } from '@/ui/feedback';
import { useWords } from '@/words';
import { Decided } from './rules/Decided';
import { Decision } from './rules/Decision';
import { PriorPreview } from './rules/PriorPreview';
import { RulesPage } from './rules/RulesPage';
import { Amounts, Tiers } from './rules/Tiers';
import { TryActs } from './rules/TryActs';
import { useTried } from './rules/useTried';

function Editor({ told, facility }: { told: PriorTables; facility: FacilityOut }) {
  const p = useWords().priors.rules;
  const mayDecide = usePerson().permissions.includes('rules:manage');
  const trying = useTried(told.table, (table) => priorRules.preview(facility.id, table));
  const { table, setTable } = trying;
  const decide = (from: string, reason: string) =>
    act('prior-rules', () => priorRules.decide(facility.id, table, from, reason), p.decided);
  return (
    <div className="prior-rules stack">
      <Tiers table={table} onChange={setTable} isFixed={!mayDecide} />
      <Amounts table={table} onChange={setTable} isFixed={!mayDecide} />
      {mayDecide && <TryActs trying={trying} onReset={() => setTable(told.table)} />}
      {trying.preview && <PriorPreview preview={trying.preview} />}
      {mayDecide && trying.isChanged && <Decision facilities={1} onDecide={decide} />}
      <Decided history={told.history} onUse={mayDecide ? setTable : null} />
    </div>
  );
}

function OfFacility({ facility }: { facility: FacilityOut }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['prior-rules', facility.id],
    queryFn: () => priorRules.of(facility.id),
  });
  if (error) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={8} />;
  return <Editor key={`${facility.id}-${data.history.length}`} told={data} facility={facility} />;
}

/** Which priors are fetched and in which order they are shown: seen, tried on past requests, and decided from a day on. */
export function PriorRules() {
  const p = useWords().priors.rules;
  return (
    <RulesPage title={p.title} lead={p.lead}>
      {(facility) => <OfFacility key={facility.id} facility={facility} />}
    </RulesPage>
  );
}
