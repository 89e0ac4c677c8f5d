import { Button } from '@mantine/core';
import { useState } from 'react';
import type { AskBacks, FacilityRef, PatientOut, Turnaround } from '@/api/contract';
import { type Command, keysText, useCommands } from '@/ui/commands';
import { Trouble } from '@/ui/feedback';
import { useWords } from '@/words';
import { AskBackLine } from './AskBackLine';
import { AskDialog } from './AskDialog';
import type { DraftQuestion } from './question';
import { useAskBacks, useWithdraw } from './useAskBacks';

const KEY = 'q';

/** Open ones first, then what came last. */
export const inOrder = ({ items }: AskBacks): AskBacks['items'] =>
  [...items].reverse().sort((a, b) => Number(b.state === 'asked') - Number(a.state === 'asked'));

/** In the room of a case: what was asked and answered, one key to ask more. */
export function CaseAskBacks(props: {
  readingId: number;
  patient: PatientOut;
  facility: FacilityRef;
  turnaround: Turnaround;
}) {
  const asking = { kind: 'reading', id: props.readingId } as const;
  const words = useWords();
  const a = words.askBacks;
  const { data, error, refetch } = useAskBacks(asking);
  const [isOpen, setOpen] = useState(false);
  const [draft, setDraft] = useState<DraftQuestion | null>(null);
  const withdraw = useWithdraw(asking);
  const ask: Command = {
    id: 'reading.ask-back',
    title: a.ask,
    keys: [KEY],
    when: () => data?.may_ask === true,
    run: () => setOpen(true),
  };
  useCommands([ask]);
  const { gross_seconds, net_seconds } = props.turnaround;
  const length = (seconds: number): string => {
    const minutes = Math.floor(seconds / 60);
    return minutes < 60
      ? words.time.minutes(minutes)
      : words.time.hours(Math.floor(minutes / 60), minutes % 60);
  };
  return (
    <section className="side-section" aria-label={a.title}>
      <h2>
        {a.title}
        <span className="spacer" />
        {data?.may_ask && (
          <Button size="compact-xs" onClick={ask.run}>
            {a.ask} <kbd>{keysText(KEY)}</kbd>
          </Button>
        )}
      </h2>
      {error ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {data?.items.length === 0 && <p className="muted">{a.noneOfRequest}</p>}
      <div aria-live="polite">
        {data &&
          inOrder(data).map((one) => (
            <AskBackLine key={one.id} one={one} onWithdraw={(chosen) => void withdraw(chosen)} />
          ))}
      </div>
      {gross_seconds > net_seconds && (
        <p className="muted num" title={a.clockLead}>
          {a.clock(length(gross_seconds), length(net_seconds))}
        </p>
      )}
      {isOpen && data && (
        <AskDialog
          asking={asking}
          asked={data}
          patient={props.patient}
          facility={props.facility.name}
          draft={draft}
          onDraft={setDraft}
          onClose={() => setOpen(false)}
        />
      )}
    </section>
  );
}
