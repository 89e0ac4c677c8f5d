import { Button, Select, TextInput } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { FacilityOut, Hl7Connection, Hl7ConnectionChange } from '@/api/contract';
import { facilities } from '@/api/hub';
import { act } from '@/ui/act';
import { confirm } from '@/ui/confirm';
import { Skeleton, Trouble } from '@/ui/feedback';
import { Tag } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';

const EMPTY: Hl7ConnectionChange = {
  name: '',
  peer_host: '',
  application: '',
  encoding: 'iso-2022-jp',
  accession: 'message',
};
const ENCODINGS = ['iso-2022-jp', 'shift_jis', 'euc-jp', 'utf-8'] as const;
const ACCESSIONS = ['message', 'placer', 'filler'] as const;

function Setup(props: { facility: FacilityOut; one: Hl7Connection | null; onDone: () => void }) {
  const { facility, one } = props;
  const words = useWords();
  const w = words.connections;
  const [form, setForm] = useState<Hl7ConnectionChange>(one ?? EMPTY);
  const change = (part: Partial<Hl7ConnectionChange>): void => setForm((now) => ({ ...now, ...part }));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const { name, peer_host, application, encoding, accession } = form;
    const wanted = { name, peer_host, application, encoding, accession };
    if (await act('hl7', () => facilities.connectHl7(facility.id, wanted), words.admin.saved)) {
      setForm(EMPTY);
      props.onDone();
    }
  };
  return (
    <form
      className="connection-form"
      aria-label={one ? w.changeHl7(one.name) : w.addHl7}
      onSubmit={(event) => void submit(event)}
    >
      <TextInput
        label={w.name}
        description={w.nameLead}
        required
        maxLength={40}
        pattern="[A-Za-z0-9][A-Za-z0-9_\-]*"
        disabled={one !== null}
        value={form.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <TextInput
        label={w.host}
        description={w.peerLead}
        required
        value={form.peer_host}
        onChange={(event) => change({ peer_host: event.currentTarget.value })}
      />
      <TextInput
        label={w.application}
        description={w.applicationLead}
        maxLength={180}
        value={form.application}
        onChange={(event) => change({ application: event.currentTarget.value })}
      />
      <Select
        label={w.encoding}
        allowDeselect={false}
        data={ENCODINGS.map((value) => ({ value, label: w.encodings[value] }))}
        value={form.encoding}
        onChange={(value) =>
          change({ encoding: ENCODINGS.find((known) => known === value) ?? form.encoding })
        }
      />
      <Select
        label={w.accession}
        allowDeselect={false}
        data={ACCESSIONS.map((value) => ({ value, label: w.accessions[value] }))}
        value={form.accession}
        onChange={(value) =>
          change({ accession: ACCESSIONS.find((known) => known === value) ?? form.accession })
        }
      />
      <div className="row">
        <Button type="submit">{one ? words.common.save : w.add}</Button>
        {one && (
          <Button variant="subtle" onClick={props.onDone}>
            {words.common.cancel}
          </Button>
        )}
      </div>
    </form>
  );
}

/** HL7: which systems may send orders, how they write, and when each was last heard. */
export function Hl7(props: {
  facility: FacilityOut;
  query: UseQueryResult<Hl7Connection[]>;
  isFixed: boolean;
}) {
  const { facility, query, isFixed } = props;
  const words = useWords();
  const w = words.connections;
  const a = words.admin;
  const now = useNow();
  const [editing, setEditing] = useState<Hl7Connection | null>(null);
  const drop = async ({ id, name }: Hl7Connection): Promise<void> => {
    const isSure = await confirm({
      title: w.removeHl7(name),
      body: w.removeHl7Lead,
      confirm: a.remove,
      isGrave: true,
    });
    if (isSure !== null) await act('hl7', () => facilities.disconnectHl7(facility.id, id), a.saved);
  };
  return (
    <section aria-label={w.hl7}>
      <h2>{w.hl7}</h2>
      <p className="muted">{w.hl7Lead}</p>
      {query.error && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton rows={2} />}
      {query.data?.length === 0 && <p className="note">{w.noHl7}</p>}
      {query.data && query.data.length > 0 && (
        <table className="dense">
          <thead>
            <tr>
              <th>{w.name}</th>
              <th>{w.host}</th>
              <th>{w.application}</th>
              <th>{w.encoding}</th>
              <th>{w.accession}</th>
              <th>{w.lastHeard}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {query.data.map((one) => (
              <tr key={one.id}>
                <td>
                  <b>{one.name}</b> {one.waiting > 0 && <Tag tone="amber">{w.waiting(one.waiting)}</Tag>}
                </td>
                <td className="num">{one.peer_host}</td>
                <td>{one.application || w.anyApplication}</td>
                <td>{w.encodings[one.encoding]}</td>
                <td>{w.accessions[one.accession]}</td>
                <td className="num">{one.last_at ? whenText(one.last_at, now, words.time) : a.never}</td>
                <td className="right">
                  {!isFixed && (
                    <span className="row">
                      <Button
                        variant="subtle"
                        size="compact-xs"
                        aria-label={`${one.name}: ${a.edit}`}
                        onClick={() => setEditing(one)}
                      >
                        {a.edit}
                      </Button>
                      <Button
                        variant="subtle"
                        size="compact-xs"
                        aria-label={`${one.name}: ${a.remove}`}
                        onClick={() => void drop(one)}
                      >
                        {a.remove}
                      </Button>
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!isFixed && (
        <Setup key={editing?.id ?? 'new'} facility={facility} one={editing} onDone={() => setEditing(null)} />
      )}
    </section>
  );
}
