import { Button, Checkbox, TextInput } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AeTitle, FacilityOut } from '@/api/contract';
import { facilities } from '@/api/hub';
import { act } from '@/ui/act';
import { confirm } from '@/ui/confirm';
import { Skeleton, Trouble } from '@/ui/feedback';
import { useWords } from '@/words';

const EMPTY = { title: '', host: '', port: '', may_query: false, is_archive: false };

function AddDevice({ facility }: { facility: FacilityOut }) {
  const words = useWords();
  const w = words.connections;
  const [form, setForm] = useState(EMPTY);
  const change = (part: Partial<typeof EMPTY>): void => setForm((now) => ({ ...now, ...part }));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const { host, port, ...others } = form;
    const add = () =>
      facilities.addAeTitle(facility.id, {
        ...others,
        peer_host: host.trim() || null,
        port: port ? Number(port) : null,
      });
    if (await act('ae-titles', add, words.admin.saved)) setForm(EMPTY);
  };
  return (
    <form className="connection-form" aria-label={w.addDevice} onSubmit={(event) => void submit(event)}>
      <TextInput
        label={words.admin.aeTitles}
        required
        maxLength={16}
        value={form.title}
        onChange={(event) => change({ title: event.currentTarget.value })}
      />
      <TextInput
        label={w.host}
        description={w.hostLead}
        required={form.is_archive || form.port !== ''}
        value={form.host}
        onChange={(event) => change({ host: event.currentTarget.value })}
      />
      <TextInput
        label={w.port}
        inputMode="numeric"
        pattern="[0-9]{1,5}"
        required={form.is_archive}
        value={form.port}
        onChange={(event) => change({ port: event.currentTarget.value })}
      />
      <div className="stack">
        <Checkbox
          size="xs"
          label={w.mayQuery}
          checked={form.may_query}
          onChange={(event) => change({ may_query: event.currentTarget.checked })}
        />
        <Checkbox
          size="xs"
          label={w.isArchive}
          checked={form.is_archive}
          onChange={(event) => change({ is_archive: event.currentTarget.checked })}
        />
      </div>
      <Button type="submit">{w.add}</Button>
    </form>
  );
}

/** 装置: who may send by DICOM, who may search, and which is the archive that priors are fetched from. */
export function Devices(props: {
  facility: FacilityOut;
  query: UseQueryResult<AeTitle[]>;
  isFixed: boolean;
}) {
  const { facility, query, isFixed } = props;
  const words = useWords();
  const w = words.connections;
  const a = words.admin;
  const drop = async (id: number, title: string): Promise<void> => {
    const isSure = await confirm({
      title: a.removeAeTitle(title),
      body: a.removeAeTitleLead,
      confirm: a.remove,
      isGrave: true,
    });
    if (isSure !== null) await act('ae-titles', () => facilities.removeAeTitle(facility.id, id), a.saved);
  };
  return (
    <section aria-label={w.devices}>
      <h2>{w.devices}</h2>
      <p className="muted">{w.devicesLead}</p>
      {query.error && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton rows={2} />}
      {query.data?.length === 0 && <p className="note">{w.noDevices}</p>}
      {query.data && query.data.length > 0 && (
        <table className="dense">
          <thead>
            <tr>
              <th>{a.aeTitles}</th>
              <th>{w.host}</th>
              <th>{w.rights}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {query.data.map((one) => (
              <tr key={one.id}>
                <td className="num">{one.title}</td>
                <td className="num">
                  {one.peer_host ? `${one.peer_host}${one.port ? `:${one.port}` : ''}` : w.anyHost}
                </td>
                <td>
                  {[w.maySend, one.may_query && w.mayQuery, one.is_archive && w.isArchive]
                    .filter(Boolean)
                    .join('・')}
                </td>
                <td className="right">
                  {!isFixed && (
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      aria-label={`${one.title}: ${a.remove}`}
                      onClick={() => void drop(one.id, one.title)}
                    >
                      {a.remove}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!isFixed && <AddDevice facility={facility} />}
    </section>
  );
}
