import { Button } from '@mantine/core';
import { useState } from 'react';
import type { RequestOut } from '@/api/contract';
import { Trouble } from '@/ui/feedback';
import { useWords } from '@/words';
import { AnswerBox } from './AnswerBox';
import { AskBackLine } from './AskBackLine';
import { AskDialog } from './AskDialog';
import { inOrder } from './CaseAskBacks';
import type { DraftQuestion } from './question';
import { useAskBacks, useWithdraw } from './useAskBacks';

/** On the page of a request: what was asked about it; the facility answers here too, support may ask. */
export function RequestAskBacks({ request }: { request: RequestOut }) {
  const asking = { kind: 'request', id: request.id } as const;
  const a = useWords().askBacks;
  const { data, error, refetch } = useAskBacks(asking);
  const [isOpen, setOpen] = useState(false);
  const [draft, setDraft] = useState<DraftQuestion | null>(null);
  const withdraw = useWithdraw(asking);
  if (error) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (!data || (data.items.length === 0 && !data.may_ask)) return null;
  const isOpenAfterReport =
    request.state === 'fulfilled' && data.items.some(({ state }) => state === 'asked');
  return (
    <section className="sheet padded ask-sheet" aria-label={a.ofRequest}>
      <h2>
        {a.ofRequest}
        <span className="spacer" />
        {data.may_ask && <Button onClick={() => setOpen(true)}>{a.ask}</Button>}
      </h2>
      {data.items.length === 0 && <p className="muted">{a.noneOfRequest}</p>}
      {isOpenAfterReport && <p className="note amber">{a.reported}</p>}
      <div aria-live="polite">
        {inOrder(data).map((one) => (
          <AskBackLine key={one.id} one={one} onWithdraw={(chosen) => void withdraw(chosen)}>
            <AnswerBox one={one} />
          </AskBackLine>
        ))}
      </div>
      {isOpen && request.patient && (
        <AskDialog
          asking={asking}
          asked={data}
          patient={request.patient}
          facility={request.facility.name}
          draft={draft}
          onDraft={setDraft}
          onClose={() => setOpen(false)}
        />
      )}
    </section>
  );
}
