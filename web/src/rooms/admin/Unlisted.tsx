import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queries, usePerson } from '@/api/cache';
import type { UnlistedItem } from '@/api/contract';
import { office } from '@/api/hub';
import { tell, tellProblem } from '@/ui/feedback';
import { fullText } from '@/ui/time';
import { useWords } from '@/words';
import './admin.css';

/** Images that were acknowledged and belong to no study yet. Nothing is shown while there are none. */
export function Unlisted() {
  const words = useWords();
  const w = words.admin;
  const isReadable = usePerson().roles.some((role) => role === 'support' || role === 'lead');
  const { data } = useQuery({ queryKey: ['unlisted'], queryFn: office.unlisted, enabled: isReadable });
  const retry = async (item: UnlistedItem): Promise<void> => {
    try {
      const { listed_at, sentence } = await office.retryUnlisted(item.id);
      tell(listed_at ? w.listed : `${w.notListed} ${sentence}`);
    } catch (error) {
      tellProblem(error);
    } finally {
      void queries.invalidateQueries({ queryKey: ['unlisted'] });
    }
  };
  if (!data?.items.length) return null;
  return (
    <section className="page" aria-labelledby="unlisted">
      <header>
        <h2 id="unlisted">{w.unlisted}</h2>
        <span className="muted">{w.unlistedLead}</span>
      </header>
      <div className="sheet scroll">
        <table className="dense">
          <thead>
            <tr>
              <th>{w.sentAt}</th>
              <th>{w.facility}</th>
              <th>{words.common.reason}</th>
              <th>SOP Instance UID</th>
              <th className="right">{w.tries}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {data.items.map((item) => (
              <tr key={item.id}>
                <td className="num">{fullText(item.kept_at)}</td>
                <td>{item.facility.name}</td>
                <td className="wrap" title={item.code}>
                  {item.sentence}
                </td>
                <td className="muted num">{item.sop_instance_uid}</td>
                <td className="num right">{item.tries}</td>
                <td className="right">
                  <Button size="compact-xs" onClick={() => void retry(item)}>
                    {w.retryListing}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
