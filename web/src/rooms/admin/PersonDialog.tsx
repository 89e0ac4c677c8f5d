import { Button, Checkbox, Group, Modal, MultiSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { PersonOut, Role } from '@/api/contract';
import { facilities, type PersonChange } from '@/api/hub';
import { useWords } from '@/words';

const ROLES: readonly Role[] = ['requester', 'technologist', 'reader', 'support', 'lead', 'administrator'];

export interface PersonForm extends PersonChange {
  email: string;
}

/** One dialog for inviting and for changing; the address of an existing person stays as it is. */
export function PersonDialog(props: {
  person: PersonOut | null;
  onClose: () => void;
  onSubmit: (form: PersonForm) => Promise<void>;
}) {
  const words = useWords();
  const w = words.admin;
  const { person } = props;
  const [form, setForm] = useState<PersonForm>({
    name: person?.name ?? '',
    kana: person?.kana ?? '',
    email: person?.email ?? '',
    roles: person?.roles ?? [],
    facility_ids: person?.facilities.map(({ id }) => id) ?? [],
  });
  const [isBusy, setBusy] = useState(false);
  const { data: all } = useQuery({ queryKey: ['facilities'], queryFn: facilities.list });
  const change = (part: Partial<PersonForm>): void => setForm((now) => ({ ...now, ...part }));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    await props.onSubmit(form);
    setBusy(false);
  };
  return (
    <Modal opened onClose={props.onClose} title={person ? w.editTitle : w.inviteTitle}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <TextInput
          label={w.name}
          required
          value={form.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <TextInput
          label={w.kana}
          value={form.kana}
          onChange={(event) => change({ kana: event.currentTarget.value })}
        />
        <TextInput
          label={w.email}
          type="email"
          required
          disabled={person !== null}
          value={form.email}
          onChange={(event) => change({ email: event.currentTarget.value })}
        />
        <Checkbox.Group
          label={w.roles}
          value={form.roles}
          onChange={(roles) => change({ roles: roles as Role[] })}
        >
          <div className="row" style={{ paddingTop: 4, gap: '8px 16px' }}>
            {ROLES.map((role) => (
              <Checkbox key={role} size="xs" value={role} label={words.roles[role]} />
            ))}
          </div>
        </Checkbox.Group>
        <MultiSelect
          label={w.facilities}
          searchable
          data={(all ?? []).map(({ id, code, name }) => ({ value: String(id), label: `${name} (${code})` }))}
          value={form.facility_ids.map(String)}
          onChange={(ids) => change({ facility_ids: ids.map(Number) })}
        />
        <Group justify="flex-end">
          <Button onClick={props.onClose}>{words.common.cancel}</Button>
          <Button type="submit" variant="filled" loading={isBusy} disabled={form.roles.length === 0}>
            {person ? words.common.save : w.invite}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
