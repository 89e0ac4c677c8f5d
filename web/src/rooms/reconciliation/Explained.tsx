import { Button } from '@mantine/core';
import type { ExplainedEnd } from '@/api/contract';
import { reconciliation } from '@/api/reconciliation';
import { act } from '@/ui/act';
import { fullText } from '@/ui/time';
import { useWords } from '@/words';

/** What may stay as it is, with why and by whom. */
export function Explained({ ends, mayExplain }: { ends: ExplainedEnd[]; mayExplain: boolean }) {
  const r = useWords().reconciliation;
  return (
    <section aria-labelledby="explained-ends">
      <h2 id="explained-ends">
        {r.explainedTitle} <span className="num">{r.count(ends.length)}</span>{' '}
        <span className="muted">{r.explainedLead}</span>
      </h2>
      <div className="sheet">
        <table className="dense">
          <thead>
            <tr>
              <th>{r.columns.what}</th>
              <th>{r.columns.patient}</th>
              <th>{r.columns.reason}</th>
              <th>{r.columns.by}</th>
              <th className="right">{r.columns.act}</th>
            </tr>
          </thead>
          <tbody>
            {ends.map((end) => (
              <tr key={end.explanation_id}>
                <td className="wrap">
                  {end.label}
                  <div className="muted">
                    {end.what} {end.detail}
                  </div>
                </td>
                <td className="num">{end.patient_id}</td>
                <td className="wrap">{end.reason}</td>
                <td className="muted">{r.byAt(end.explained_by, fullText(end.explained_at))}</td>
                <td className="right">
                  {mayExplain && (
                    <Button
                      variant="subtle"
                      onClick={() =>
                        void act(
                          'reconciliation',
                          () => reconciliation.takeBack(end.explanation_id),
                          r.takenBack,
                        )
                      }
                    >
                      {r.takeBack}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
