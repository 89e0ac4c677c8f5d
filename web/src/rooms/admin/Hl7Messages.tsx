import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Hl7MessageItem } from '@/api/contract';
import { office } from '@/api/hub';
import { act } from '@/ui/act';
import { confirm } from '@/ui/confirm';
import { tell } from '@/ui/feedback';
import { fullText } from '@/ui/time';
import { useWords } from '@/words';
import { KeptText } from './KeptText';
import './admin.css';

function Line({ item, onLook }: { item: Hl7MessageItem; onLook: () => void }) {
  const words = useWords();
  const h = words.hl7;
  const retry = async (): Promise<void> => {
    const out = await act('hl7', () => office.hl7Retry(item.id));
    if (out) tell(out.state === 'taken' ? h.taken : h.still);
  };
  const dismiss = async (): Promise<void> => {
    const reason = await confirm({
      title: h.dismissTitle,
      body: <p>{h.dismissLead}</p>,
      confirm: h.dismiss,
      ask: h.dismissReason,
    });
    if (reason) await act('hl7', () => office.hl7Dismiss(item.id, reason), h.dismissed);
  };
  return (
    <tr>
      <td className="num">{fullText(item.received_at)}</td>
      <td>{item.facility.name}</td>
      <td>
        {item.connection} <span className="muted">{item.encoding}</span>
      </td>
      <td className="num">{item.kind}</td>
      <td className="wrap" title={item.code}>
        {item.sentence}
        {item.repeats > 0 && <div className="muted">{h.repeats(item.repeats)}</div>}
      </td>
      <td>
        <div className="row" style={{ flexWrap: 'nowrap', justifyContent: 'flex-end' }}>
          <Button variant="subtle" onClick={onLook}>
            {h.look}
          </Button>
          <Button variant="subtle" onClick={() => void dismiss()}>
            {h.dismiss}
          </Button>
          <Button variant="light" onClick={() => void retry()}>
            {h.retry}
          </Button>
        </div>
      </td>
    </tr>
  );
}

/** Messages by HL7 that could not be taken; nothing is shown while there are none. */
export function Hl7Messages() {
  const h = useWords().hl7;
  const [looked, setLooked] = useState<Hl7MessageItem | null>(null);
  const { data } = useQuery({ queryKey: ['hl7'], queryFn: office.hl7, refetchInterval: 60_000 });
  if (!data || data.items.length === 0) return null;
  return (
    <section className="page" aria-labelledby="hl7-messages">
      <header>
        <h1 id="hl7-messages">{h.title}</h1>
        <span className="muted">{h.lead}</span>
      </header>
      <div className="sheet scroll">
        <table className="dense">
          <thead>
            <tr>
              <th>{h.at}</th>
              <th>{h.facility}</th>
              <th>{h.connection}</th>
              <th>{h.kind}</th>
              <th>{h.why}</th>
              <th className="right">{h.act}</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((item) => (
              <Line key={item.id} item={item} onLook={() => setLooked(item)} />
            ))}
          </tbody>
        </table>
      </div>
      {looked && (
        <KeptText
          name={['hl7-text', looked.id]}
          ask={() => office.hl7Text(looked.id)}
          onClose={() => setLooked(null)}
        />
      )}
    </section>
  );
}
