import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { usePerson } from '@/api/cache';
import type { LooseEnd } from '@/api/contract';
import { studies } from '@/api/hub';
import { reconciliation } from '@/api/reconciliation';
import { act } from '@/ui/act';
import { confirm } from '@/ui/confirm';
import { useNow } from '@/ui/now';
import { agoText, fullText } from '@/ui/time';
import { useWords } from '@/words';

/** The way to where a loose end is cured; who may not cure it there still sees whose it is. */
function Cure({ end }: { end: LooseEnd }) {
  const { reconciliation: r, papers } = useWords();
  const { permissions } = usePerson();
  const may = (permission: string): boolean => permissions.some((one) => one === permission);
  const release = async (study: number): Promise<void> => {
    const reason = await confirm({
      title: r.releaseTitle,
      body: (
        <>
          <p>{r.releaseLead}</p>
          <p>{end.detail}</p>
        </>
      ),
      confirm: r.release,
      ask: r.releaseReason,
    });
    if (reason) await act('reconciliation', () => studies.resolve(study, reason), r.released);
  };
  return (
    <>
      {end.kind === 'study_without_request' && may('request:write') && (
        <Link to="/arrivals" search={end.patient_id ? { q: end.patient_id } : {}}>
          {r.write}
        </Link>
      )}
      {end.object === 'study' && end.kind === 'contradiction' && may('reading:manage') && (
        <Button variant="light" onClick={() => void release(end.object_id)}>
          {r.release}
        </Button>
      )}
      {end.study_id !== null && may('study:read') && (
        <Link to="/studies/$id/images" params={{ id: end.study_id }}>
          {r.toImages}
        </Link>
      )}
      {end.request_id !== null && may('request:read') && (
        <Link to="/requests/$id" params={{ id: end.request_id }}>
          {r.toRequest}
        </Link>
      )}
      {end.object === 'paper' && may('request:read') && (
        <Link to="/papers/$id" params={{ id: end.object_id }}>
          {papers.number(end.object_id)}
        </Link>
      )}
      {end.object === 'merge' && may('patient:read') && (
        <Link to="/patients" search={{ id: end.object_id }}>
          {r.toPatient}
        </Link>
      )}
      {end.object === 'case' && may('request:read') && <Link to="/resolution">{r.toResolution}</Link>}
      {end.object === 'reading' && may('reading:manage') && <Link to="/worklist">{r.toWorklist}</Link>}
      {['quarantined', 'unlisted', 'message', 'submission'].includes(end.object) &&
        may('quarantine:read') && <Link to="/admin/quarantine">{r.toQuarantine}</Link>}
    </>
  );
}

function Group(props: { ends: LooseEnd[]; facility: number; mayExplain: boolean }) {
  const words = useWords();
  const r = words.reconciliation;
  const now = useNow();
  const first = props.ends[0];
  if (!first) return null;
  const explain = async (end: LooseEnd): Promise<void> => {
    const reason = await confirm({
      title: r.explainTitle(end.label),
      body: (
        <>
          <p>
            {end.what} {end.detail}
          </p>
          <p className="muted">{r.explainLead}</p>
        </>
      ),
      confirm: r.explainSave,
      ask: r.explainReason,
    });
    if (!reason) return;
    const told = { facility_id: props.facility, kind: end.kind, object_id: end.object_id, reason };
    await act('reconciliation', () => reconciliation.explain(told), r.explained);
  };
  return (
    <div className="sheet loose-kind">
      <header>
        <h3>
          {first.label} <span className="num">{r.count(props.ends.length)}</span>
        </h3>
        <span className="owner">{r.owner(first.owner)}</span>
        <span className="muted">{first.cure}</span>
      </header>
      <table className="dense">
        <thead>
          <tr>
            <th>{r.columns.since}</th>
            <th>{r.columns.patient}</th>
            <th>{r.columns.what}</th>
            <th>{r.columns.detail}</th>
            <th className="right">{r.columns.act}</th>
          </tr>
        </thead>
        <tbody>
          {props.ends.map((end) => (
            <tr key={`${end.object} ${end.object_id}`}>
              <td className="num" title={fullText(end.since)}>
                {agoText(end.since, now, words.time)}
              </td>
              <td className="num">{end.patient_id}</td>
              <td className="wrap">{end.what}</td>
              <td className="wrap muted">{end.detail}</td>
              <td>
                <div className="cures">
                  <Cure end={end} />
                  {end.may_explain && props.mayExplain && (
                    <Button variant="subtle" onClick={() => void explain(end)}>
                      {r.explain}
                    </Button>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Everything that hangs loose, kind by kind: whose it is, since when, and the way to its cure. */
export function LooseEnds(props: { ends: LooseEnd[]; facility: number; mayExplain: boolean }) {
  const kinds = [...new Set(props.ends.map(({ kind }) => kind))];
  return (
    <div className="loose-kinds">
      {kinds.map((kind) => (
        <Group
          key={kind}
          ends={props.ends.filter((end) => end.kind === kind)}
          facility={props.facility}
          mayExplain={props.mayExplain}
        />
      ))}
    </div>
  );
}
