import { Button } from '@mantine/core';
import { usePerson } from '@/api/cache';
import type { Certificate } from '@/api/contract';
import { reconciliation } from '@/api/reconciliation';
import { act } from '@/ui/act';
import { Empty } from '@/ui/feedback';
import { dateText, fullText } from '@/ui/time';
import { useWords } from '@/words';

/** How many hung loose that night; red is only for what stands open. */
export function Loose({ count }: { count: number }) {
  return <b className={count > 0 ? 'num loose-some' : 'num loose-none'}>{count}</b>;
}

function Line({ one }: { one: Certificate }) {
  const r = useWords().reconciliation;
  return (
    <tr>
      <td className="num">{dateText(one.on)}</td>
      <td className="right">
        <Loose count={one.loose_count} />
      </td>
      <td>
        {one.sent_at ? r.byAt(one.sent_by, fullText(one.sent_at)) : <i className="muted">{r.notSent}</i>}
      </td>
      <td>
        {one.taken_at ? r.byAt(one.taken_by, fullText(one.taken_at)) : <i className="muted">{r.notTaken}</i>}
      </td>
      <td className="muted num hide-narrow" title={one.sha256}>
        {one.sha256.slice(0, 12)}
      </td>
      <td>
        <div className="cures">
          <a href={reconciliation.documentUrl(one.id)} target="_blank" rel="noreferrer">
            {r.document}
          </a>
          {one.may_send && (
            <Button
              variant="light"
              onClick={() => void act('reconciliation', () => reconciliation.send(one.id), r.sentDone)}
            >
              {r.send}
            </Button>
          )}
          {one.may_take && (
            <Button
              variant="filled"
              onClick={() => void act('reconciliation', () => reconciliation.take(one.id), r.takenDone)}
            >
              {r.take}
            </Button>
          )}
        </div>
      </td>
    </tr>
  );
}

/** Night by night: what was found, whether the facility got it, and the nights nobody looked. */
export function Certificates({ certificates, missed }: { certificates: Certificate[]; missed: string[] }) {
  const r = useWords().reconciliation;
  const isService = usePerson().permissions.includes('reconciliation:send');
  return (
    <section aria-labelledby="certificates">
      <h2 id="certificates">
        {r.certificates}{' '}
        <span className="muted">{isService ? r.certificatesLead : r.certificatesLeadFacility}</span>
      </h2>
      {missed.length > 0 && <p className="note amber">{r.missed(missed.map(dateText).join('、'))}</p>}
      <div className="sheet">
        {certificates.length === 0 ? (
          <Empty title={isService ? r.noCertificates : r.noneSent}>
            {isService ? r.noCertificatesLead : undefined}
          </Empty>
        ) : (
          <table className="dense">
            <thead>
              <tr>
                <th>{r.columns.on}</th>
                <th className="right">{r.columns.loose}</th>
                <th>{r.columns.sent}</th>
                <th>{r.columns.taken}</th>
                <th className="hide-narrow">SHA-256</th>
                <th className="right">{r.columns.act}</th>
              </tr>
            </thead>
            <tbody>
              {certificates.map((one) => (
                <Line key={one.id} one={one} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}
