import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { usePerson } from '@/api/cache';
import type { FacilityOut } from '@/api/contract';
import { patients } from '@/api/patients';
import { act } from '@/ui/act';
import { confirm } from '@/ui/confirm';
import { Tag } from '@/ui/marks';
import { useWords } from '@/words';

/** Whether a facility takes part in showing priors across facilities; off until somebody switches it on. */
export function Sharing({ facility }: { facility: FacilityOut }) {
  const words = useWords();
  const w = words.patients.elsewhere;
  const mayDecide = usePerson().permissions.includes('facility:manage');
  const { data } = useQuery({
    queryKey: ['sharing', facility.id],
    queryFn: ({ signal }) => patients.sharing(facility.id, signal),
  });
  if (!data) return null;
  const change = async (): Promise<void> => {
    const reason = await confirm({
      title: w.switchTitle,
      body: `${facility.name}: ${w.switchLead}`,
      confirm: data.is_on ? w.switchOff : w.switchOn,
      ask: words.common.reason,
      isGrave: data.is_on,
    });
    if (reason)
      await act('sharing', () => patients.decideSharing(facility.id, !data.is_on, reason), w.switched);
  };
  return (
    <span className="row" title={data.reason}>
      <span className="muted">{w.sharing}</span>
      <Tag tone={data.is_on ? 'green' : 'grey'}>{data.is_on ? w.sharingOn : w.sharingOff}</Tag>
      {mayDecide && (
        <Button
          variant="subtle"
          size="compact-xs"
          aria-label={`${facility.name}: ${data.is_on ? w.switchOff : w.switchOn}`}
          onClick={() => void change()}
        >
          {data.is_on ? w.switchOff : w.switchOn}
        </Button>
      )}
    </span>
  );
}
