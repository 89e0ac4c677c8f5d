import { Button, Checkbox, Group, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { FacilityOut, Viewer, ViewerChange } from '@/api/contract';
import { viewers } from '@/api/hub';
import { act } from '@/ui/act';
import { confirm } from '@/ui/confirm';
import { Skeleton, Trouble } from '@/ui/feedback';
import { Tag } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';

const ENCODINGS = ['percent', 'plus', 'twice'] as const;

function ViewerDialog(props: {
  viewer: Viewer | null;
  facilities: readonly FacilityOut[];
  onClose: () => void;
}) {
  const { viewer, facilities, onClose } = props;
  const words = useWords();
  const v = words.viewers;
  const [form, setForm] = useState<ViewerChange>({
    name: viewer?.name ?? '',
    facility_id: viewer?.facility?.id ?? null,
    template: viewer?.template ?? '',
    encoding: viewer?.encoding ?? 'percent',
    may_name_patient: viewer?.may_name_patient ?? false,
  });
  const change = (part: Partial<ViewerChange>): void => setForm((now) => ({ ...now, ...part }));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const given = { ...form, template: form.template.trim() };
    const save = () => (viewer ? viewers.change(viewer.id, given, viewer.revision) : viewers.add(given));
    if (await act('viewers', save, words.admin.saved)) onClose();
  };
  return (
    <Modal opened onClose={onClose} title={viewer ? viewer.name : v.add} size="lg">
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <TextInput
          label={v.name}
          required
          maxLength={80}
          value={form.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <Select
          label={v.facility}
          data={facilities.map(({ id, name }) => ({ value: String(id), label: name }))}
          placeholder={v.everywhere}
          clearable
          value={form.facility_id === null ? null : String(form.facility_id)}
          onChange={(id) => change({ facility_id: id ? Number(id) : null })}
        />
        <Textarea
          label={v.template}
          description={v.templateHint}
          required
          autosize
          minRows={2}
          spellCheck={false}
          value={form.template}
          onChange={(event) => change({ template: event.currentTarget.value })}
        />
        <Select
          label={v.encoding}
          data={ENCODINGS.map((one) => ({ value: one, label: v.encodings[one] }))}
          allowDeselect={false}
          value={form.encoding}
          onChange={(encoding) =>
            change({ encoding: ENCODINGS.find((one) => one === encoding) ?? 'percent' })
          }
        />
        <Checkbox
          label={v.mayName}
          description={v.mayNameHint}
          checked={form.may_name_patient}
          onChange={(event) => change({ may_name_patient: event.currentTarget.checked })}
        />
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

function Row({ viewer, onEdit }: { viewer: Viewer; onEdit: () => void }) {
  const words = useWords();
  const now = useNow();
  const v = words.viewers;
  const remove = async (): Promise<void> => {
    const isSure = await confirm({
      title: v.removeTitle(viewer.name),
      body: v.removeLead,
      confirm: v.remove,
      isGrave: true,
    });
    if (isSure !== null) await act('viewers', () => viewers.remove(viewer.id, viewer.revision), v.removed);
  };
  return (
    <tr>
      <td>
        <b>{viewer.name}</b>
      </td>
      <td>{viewer.facility?.name ?? v.everywhere}</td>
      <td className="wrap num">{viewer.template}</td>
      <td>
        <Tag>{viewer.tells ? v.tells : v.tellsNot}</Tag>{' '}
        {viewer.may_name_patient && <Tag>{v.namesPatient}</Tag>}
      </td>
      <td className="muted num">
        {viewer.author} {whenText(viewer.saved_at, now, words.time)}
      </td>
      <td className="right">
        <Button variant="subtle" aria-label={`${v.change}: ${viewer.name}`} onClick={onEdit}>
          {v.change}
        </Button>
        <Button variant="subtle" aria-label={`${v.remove}: ${viewer.name}`} onClick={() => void remove()}>
          {v.remove}
        </Button>
      </td>
    </tr>
  );
}

/** Which certified viewers a study may be opened in from a case; of one facility or of all. */
export function Viewers({ facilities }: { facilities: readonly FacilityOut[] }) {
  const v = useWords().viewers;
  const query = useQuery({ queryKey: ['viewers'], queryFn: viewers.list });
  const [editing, setEditing] = useState<Viewer | 'new' | null>(null);
  return (
    <section className="viewers" aria-labelledby="viewers-title">
      <header>
        <h2 id="viewers-title">{v.title}</h2>
        <span className="muted">{v.lead}</span>
        <span className="spacer" />
        <Button onClick={() => setEditing('new')}>{v.add}</Button>
      </header>
      {query.error && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton rows={2} />}
      {query.data?.length === 0 && <p className="muted">{v.none}</p>}
      <table className="dense">
        <tbody>
          {query.data?.map((one) => (
            <Row key={one.id} viewer={one} onEdit={() => setEditing(one)} />
          ))}
        </tbody>
      </table>
      {editing && (
        <ViewerDialog
          viewer={editing === 'new' ? null : editing}
          facilities={facilities}
          onClose={() => setEditing(null)}
        />
      )}
    </section>
  );
}
