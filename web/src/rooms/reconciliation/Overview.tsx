import type { Certificate } from '@/api/contract';
import { Empty } from '@/ui/feedback';
import { dateText, fullText } from '@/ui/time';
import { useWords } from '@/words';
import { Loose } from './Certificates';

/** Every facility's last night, the fullest list first. */
export function Overview(props: { certificates: Certificate[]; onChoose: (facility: number) => void }) {
  const r = useWords().reconciliation;
  return (
    <section aria-labelledby="newest">
      <h2 id="newest">
        {r.overview} <span className="muted">{r.overviewLead}</span>
      </h2>
      <div className="sheet">
        {props.certificates.length === 0 ? (
          <Empty title={r.noCertificates}>{r.noCertificatesLead}</Empty>
        ) : (
          <table className="dense">
            <thead>
              <tr>
                <th>{r.columns.facility}</th>
                <th>{r.columns.on}</th>
                <th className="right">{r.columns.loose}</th>
                <th>{r.columns.sent}</th>
                <th>{r.columns.taken}</th>
              </tr>
            </thead>
            <tbody>
              {props.certificates.map((one) => (
                <tr key={one.id}>
                  <td>
                    <button
                      type="button"
                      className="link-button"
                      onClick={() => props.onChoose(one.facility.id)}
                    >
                      {one.facility.name}
                    </button>
                  </td>
                  <td className="num">{dateText(one.on)}</td>
                  <td className="right">
                    <Loose count={one.loose_count} />
                  </td>
                  <td className="muted">
                    {one.sent_at ? r.byAt(one.sent_by, fullText(one.sent_at)) : r.notSent}
                  </td>
                  <td className="muted">
                    {one.taken_at ? r.byAt(one.taken_by, fullText(one.taken_at)) : r.notTaken}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}
