import { useQuery } from '@tanstack/react-query';
import { office } from '@/api/hub';
import { Tag } from '@/ui/marks';
import { useWords } from '@/words';
import { AdminPage } from './AdminPage';
import './admin.css';

export function Status() {
  const w = useWords().admin;
  const query = useQuery({ queryKey: ['status'], queryFn: office.status, refetchInterval: 30_000 });
  return (
    <AdminPage title={w.status} lead={query.data && `${w.version} ${query.data.version}`} query={query}>
      {({ checks }) => (
        <table className="dense">
          <tbody>
            {checks.map((check) => (
              <tr key={check.name}>
                <td style={{ width: 90 }}>
                  <Tag tone={check.ok ? 'green' : 'red'}>{check.ok ? `✓ ${w.ok}` : `! ${w.notOk}`}</Tag>
                </td>
                <td className="wrap">{check.sentence}</td>
                <td className="muted right">{check.name}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </AdminPage>
  );
}
