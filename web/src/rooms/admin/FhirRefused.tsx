import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FhirSubmissionItem } from '@/api/contract';
import { office } from '@/api/hub';
import { act } from '@/ui/act';
import { confirm } from '@/ui/confirm';
import { fullText } from '@/ui/time';
import { useWords } from '@/words';
import { KeptText } from './KeptText';
import './admin.css';

function Line({ item, onLook }: { item: FhirSubmissionItem; onLook: () => void }) {
  const { hl7: h, fhir: f } = useWords();
  const dismiss = async (): Promise<void> => {
    const reason = await confirm({
      title: f.dismissTitle,
      body: <p>{f.dismissLead}</p>,
      confirm: h.dismiss,
      ask: h.dismissReason,
    });
    if (reason) await act('fhir', () => office.fhirDismiss(item.id, reason), h.dismissed);
  };
  return (
    <tr>
      <td className="num">{fullText(item.received_at)}</td>
      <td>{item.facility.name}</td>
      <td>{item.sender}</td>
      <td className="num">{item.act}</td>
      <td className="wrap" title={item.code}>
        {item.sentence}
      </td>
      <td>
        <div className="row" style={{ flexWrap: 'nowrap', justifyContent: 'flex-end' }}>
          <Button variant="subtle" onClick={onLook}>
            {h.look}
          </Button>
          <Button variant="subtle" onClick={() => void dismiss()}>
            {h.dismiss}
          </Button>
        </div>
      </td>
    </tr>
  );
}

/** What came by FHIR, was refused and was not sent again since; nothing is shown while there is none. */
export function FhirRefused() {
  const { hl7: h, fhir: f } = useWords();
  const [looked, setLooked] = useState<FhirSubmissionItem | null>(null);
  const { data } = useQuery({ queryKey: ['fhir'], queryFn: office.fhir, refetchInterval: 60_000 });
  if (!data || data.items.length === 0) return null;
  return (
    <section className="page" aria-labelledby="fhir-refused">
      <header>
        <h1 id="fhir-refused">{f.title}</h1>
        <span className="muted">{f.lead}</span>
      </header>
      <div className="sheet scroll">
        <table className="dense">
          <thead>
            <tr>
              <th>{h.at}</th>
              <th>{h.facility}</th>
              <th>{f.sender}</th>
              <th>{f.place}</th>
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
          name={['fhir-text', looked.id]}
          ask={() => office.fhirText(looked.id)}
          onClose={() => setLooked(null)}
        />
      )}
    </section>
  );
}
