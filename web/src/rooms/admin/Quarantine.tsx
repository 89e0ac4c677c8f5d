import { useQuery } from '@tanstack/react-query';
import { office } from '@/api/hub';
import { Empty } from '@/ui/feedback';
import { fullText } from '@/ui/time';
import { useWords } from '@/words';
import { AdminPage } from './AdminPage';
import { FhirRefused } from './FhirRefused';
import { Hl7Messages } from './Hl7Messages';
import { Unlisted } from './Unlisted';
import './admin.css';

export function Quarantine() {
  const words = useWords();
  const w = words.admin;
  const query = useQuery({ queryKey: ['quarantine'], queryFn: office.quarantine });
  return (
    <>
      <Hl7Messages />
      <FhirRefused />
      <Unlisted />
      <AdminPage title={w.quarantine} lead={w.quarantineLead} query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={w.noQuarantine} />
          ) : (
            <table className="dense">
              <thead>
                <tr>
                  <th>{w.at}</th>
                  <th>{w.facility}</th>
                  <th>{words.common.reason}</th>
                  <th>SOP Instance UID</th>
                </tr>
              </thead>
              <tbody>
                {items.map((item) => (
                  <tr key={item.id}>
                    <td className="num">{fullText(item.at)}</td>
                    <td>{typeof item.facility === 'string' ? item.facility : item.facility.name}</td>
                    <td className="wrap" title={item.reason_code}>
                      {item.sentence}
                    </td>
                    <td className="muted num">{item.sop_instance_uid}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </AdminPage>
    </>
  );
}
