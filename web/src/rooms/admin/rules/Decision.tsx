import { Button, Checkbox, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { FacilityOut, RuleTable } from '@/api/contract';
import { requestRules } from '@/api/hub';
import { act } from '@/ui/act';
import { confirm } from '@/ui/confirm';
import { tell } from '@/ui/feedback';
import { useNow } from '@/ui/now';
import { dateText, todayInJapan } from '@/ui/time';
import { useWords } from '@/words';

/** From which day, for whom and why; nothing is decided without a reason. */
export function Decision(props: { table: RuleTable; facility: FacilityOut; everywhere: readonly number[] }) {
  const words = useWords();
  const r = words.request.rules;
  const today = todayInJapan(useNow());
  const [from, setFrom] = useState(today);
  const [reason, setReason] = useState('');
  const [isEverywhere, setEverywhere] = useState(false);
  const facility_ids = isEverywhere ? [...props.everywhere] : [props.facility.id];
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const isSure = await confirm({
      title: r.decide,
      body: r.sure(facility_ids.length, dateText(from)),
      confirm: r.decide,
    });
    if (isSure === null) return;
    const decision = { facility_ids, table: props.table, effective_from: from, reason };
    const done = await act('request-rules', () => requestRules.decide(decision));
    if (done) tell(r.decided(done.decided));
  };
  return (
    <form className="rules-decision" onSubmit={(event) => void submit(event)}>
      <TextInput
        type="date"
        required
        label={r.from}
        min={today}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <TextInput
        required
        label={words.common.reason}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Checkbox
        label={r.everyFacility}
        checked={isEverywhere}
        onChange={(event) => setEverywhere(event.currentTarget.checked)}
      />
      <Button type="submit" variant="filled">
        {r.decide}
      </Button>
    </form>
  );
}
