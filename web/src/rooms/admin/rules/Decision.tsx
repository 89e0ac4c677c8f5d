import { Button, Checkbox, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { confirm } from '@/ui/confirm';
import { useNow } from '@/ui/now';
import { dateText, todayInJapan } from '@/ui/time';
import { useWords } from '@/words';

/** From which day, for whom and why; nothing is decided without a reason. */
export function Decision(props: {
  /** How many facilities it could hold for at once; 1 where each decides for itself. */
  facilities: number;
  onDecide: (from: string, reason: string, isEverywhere: boolean) => Promise<unknown>;
}) {
  const words = useWords();
  const r = words.request.rules;
  const today = todayInJapan(useNow());
  const [from, setFrom] = useState(today);
  const [reason, setReason] = useState('');
  const [isEverywhere, setEverywhere] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const isSure = await confirm({
      title: r.decide,
      body: r.sure(isEverywhere ? props.facilities : 1, dateText(from)),
      confirm: r.decide,
    });
    if (isSure !== null) await props.onDecide(from, reason, isEverywhere);
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
      {props.facilities > 1 && (
        <Checkbox
          label={r.everyFacility}
          checked={isEverywhere}
          onChange={(event) => setEverywhere(event.currentTarget.checked)}
        />
      )}
      <Button type="submit" variant="filled">
        {r.decide}
      </Button>
    </form>
  );
}
