import { Button, Group, Modal, NumberInput, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { usePerson } from '@/api/cache';
import type { FacilityOut, Urgency } from '@/api/contract';
import { type FacilityChange, facilities } from '@/api/hub';
import { act } from '@/ui/act';
import { Empty } from '@/ui/feedback';
import { Tag } from '@/ui/marks';
import { useWords } from '@/words';
import { AdminPage } from './AdminPage';
import { Connections } from './connections/Connections';
import { Sharing } from './Sharing';
import { Viewers } from './Viewers';
import './admin.css';

const TIERS: readonly Urgency[] = ['emergency', 'urgent', 'same_day', 'next_clinical_day', 'checkup'];

function FacilityDialog({ facility, onClose }: { facility: FacilityOut | null; onClose: () => void }) {
  const words = useWords();
  const w = words.admin;
  const [code, setCode] = useState(facility?.code ?? '');
  const [form, setForm] = useState<FacilityChange>({
    name: facility?.name ?? '',
    phone: facility?.phone ?? '',
    tiers: facility?.tiers ?? {},
    active: facility?.active ?? true,
  });
  const change = (part: Partial<FacilityChange>): void => setForm((now) => ({ ...now, ...part }));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const save = () => (facility ? facilities.save(facility.id, form) : facilities.create({ ...form, code }));
    if (await act('facilities', save, w.saved)) onClose();
  };
  return (
    <Modal opened onClose={onClose} title={facility ? facility.name : w.addFacility}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <TextInput
          label={w.facilityCode}
          description={w.facilityCodeHint}
          required
          disabled={facility !== null}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <TextInput
          label={w.facilityName}
          required
          value={form.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <TextInput
          label={w.phone}
          type="tel"
          value={form.phone}
          onChange={(event) => change({ phone: event.currentTarget.value })}
        />
        <fieldset className="tiers">
          <legend>{w.tiersHint}</legend>
          {TIERS.map((tier) => (
            <NumberInput
              key={tier}
              label={words.urgency[tier]}
              min={1}
              max={100_000}
              value={form.tiers[tier] ?? ''}
              onChange={(minutes) => {
                const { [tier]: _, ...others } = form.tiers;
                change({ tiers: typeof minutes === 'number' ? { ...others, [tier]: minutes } : others });
              }}
            />
          ))}
        </fieldset>
        {facility && (
          <Switch
            label={w.activeFacility}
            checked={form.active}
            onChange={(event) => change({ active: event.currentTarget.checked })}
          />
        )}
        <Group justify="flex-end">
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button type="submit" variant="filled">
            {words.common.save}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

export function Facilities() {
  const words = useWords();
  const w = words.admin;
  const query = useQuery({ queryKey: ['facilities'], queryFn: facilities.list });
  const mayName = usePerson().permissions.includes('viewer:manage');
  const [editing, setEditing] = useState<FacilityOut | 'new' | null>(null);
  const tiersText = ({ tiers }: FacilityOut): string =>
    TIERS.flatMap((tier) => (tiers[tier] ? `${words.urgency[tier]} ${w.minutes(tiers[tier])}` : [])).join(
      '・',
    );
  return (
    <AdminPage
      title={words.nav.facilities}
      query={query}
      acts={
        <Button variant="filled" onClick={() => setEditing('new')}>
          {w.addFacility}
        </Button>
      }
    >
      {(items) => (
        <>
          {items.length === 0 && <Empty title={w.noFacilities}>{w.noFacilitiesLead}</Empty>}
          <table className="dense">
            <tbody>
              {items.map((facility) => (
                <tr key={facility.id}>
                  <td className="num muted">{facility.code}</td>
                  <td>
                    <b>{facility.name}</b> {!facility.active && <Tag>{w.inactive}</Tag>}
                  </td>
                  <td className="num">{facility.phone}</td>
                  <td className="wrap">
                    <Connections facility={facility} />
                  </td>
                  <td className="muted wrap">{tiersText(facility)}</td>
                  <td>
                    <Sharing facility={facility} />
                  </td>
                  <td className="right">
                    <Button variant="subtle" onClick={() => setEditing(facility)}>
                      {w.edit}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {mayName && <Viewers facilities={items} />}
          {editing && (
            <FacilityDialog facility={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
          )}
        </>
      )}
    </AdminPage>
  );
}
