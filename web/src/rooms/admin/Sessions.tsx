import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { me } from '@/api/hub';
import { act } from '@/ui/act';
import { Tag } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';
import { AdminPage } from './AdminPage';
import './admin.css';

export function Sessions() {
  const words = useWords();
  const w = words.session;
  const now = useNow();
  const query = useQuery({ queryKey: ['sessions'], queryFn: me.sessions });
  return (
    <AdminPage title={w.sessions} lead={w.sessionsLead} query={query}>
      {(items) => (
        <table className="dense">
          <thead>
            <tr>
              <th>{w.device}</th>
              <th>{w.address}</th>
              <th>{w.began}</th>
              <th>{w.lastSeen}</th>
              <th>
                <span className="sr">{w.endSession}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((session) => (
              <tr key={session.id}>
                <td className="wrap">
                  {session.user_agent} {session.current && <Tag tone="accent">{w.thisSession}</Tag>}
                </td>
                <td className="num">{session.ip}</td>
                <td className="num">{whenText(session.created_at, now, words.time)}</td>
                <td className="num">
                  {session.last_seen_at && whenText(session.last_seen_at, now, words.time)}
                </td>
                <td className="right">
                  {!session.current && (
                    <Button
                      variant="subtle"
                      onClick={() => void act('sessions', () => me.endSession(session.id))}
                    >
                      {w.endSession}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </AdminPage>
  );
}
