import { Button, Group, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { queries } from '@/api/cache';
import type { RequestTemplate, RequestTemplateBody } from '@/api/contract';
import { requestTemplates } from '@/api/templates';
import { confirm } from '@/ui/confirm';
import { tell, tellProblem } from '@/ui/feedback';
import { fullText } from '@/ui/time';
import { useWords } from '@/words';
import { MODALITIES } from './modalities';
import { Choice, KNOWN } from './parts';

const NEW = 'new';
const URGENCIES = ['same_day', 'next_clinical_day', 'checkup'] as const;
const CONTRAST = ['agent', 'concentration', 'phases'] as const;
const CONTACT = ['requester_department', 'requester_name', 'callback_phone'] as const;

/** One template is written: a new one from the request at hand, or one that is already there. */
export function TemplateDialog(props: {
  facilityId: number;
  known: RequestTemplate[];
  proposed: RequestTemplateBody;
  onClose: () => void;
}) {
  const { facilityId, known, proposed, onClose } = props;
  const words = useWords();
  const { templates: t } = words.request;
  const [chosen, setChosen] = useState<RequestTemplate | null>(null);
  const [name, setName] = useState('');
  const [body, setBody] = useState(proposed);
  const [isBusy, setBusy] = useState(false);
  const change = (part: Partial<RequestTemplateBody>): void => setBody((now) => ({ ...now, ...part }));
  const choose = (key: string | null): void => {
    const one = known.find(({ id }) => String(id) === key) ?? null;
    setChosen(one);
    setName(one?.name ?? '');
    setBody(one?.body ?? proposed);
  };
  const act = async (doing: () => Promise<unknown>, done: string): Promise<void> => {
    setBusy(true);
    try {
      await doing();
      tell(done);
      onClose();
    } catch (error) {
      tellProblem(error);
    } finally {
      setBusy(false);
      await queries.invalidateQueries({ queryKey: ['request-templates', facilityId] });
    }
  };
  const save = (): Promise<void> =>
    act(
      () =>
        chosen
          ? requestTemplates.change(chosen.id, name, body, chosen.revision)
          : requestTemplates.keep(facilityId, name, body),
      t.saved(name.trim()),
    );
  const remove = async (one: RequestTemplate): Promise<void> => {
    const answer = await confirm({ title: t.removeTitle(one.name), body: t.removeLead, confirm: t.remove });
    if (answer !== null) await act(() => requestTemplates.remove(one.id, one.revision), t.removed(one.name));
  };
  return (
    <Modal opened onClose={onClose} title={t.title} size="xl">
      <div className="stack">
        <p className="note amber">{t.noPatient}</p>
        <div className="field-grid">
          <Select
            label={t.which}
            allowDeselect={false}
            data={[
              { value: NEW, label: t.fresh },
              ...known.map((one) => ({ value: String(one.id), label: one.name })),
            ]}
            value={chosen ? String(chosen.id) : NEW}
            onChange={choose}
          />
          <TextInput
            label={t.name}
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
        </div>
        <div className="field-grid">
          <Select
            label={t.fields.modality}
            placeholder={t.every}
            clearable
            data={MODALITIES}
            value={body.modality || null}
            onChange={(modality) => change({ modality: modality ?? '' })}
          />
          {(['body_part', 'description'] as const).map((field) => (
            <TextInput
              key={field}
              label={t.fields[field]}
              value={body[field]}
              onChange={(event) => change({ [field]: event.currentTarget.value })}
            />
          ))}
        </div>
        <Select
          label={t.fields.urgency}
          placeholder={t.asIs}
          clearable
          data={URGENCIES.map((one) => ({ value: one, label: words.urgency[one] }))}
          value={body.urgency || null}
          onChange={(one) => change({ urgency: (one ?? '') as RequestTemplateBody['urgency'] })}
        />
        <Textarea
          label={t.fields.question}
          autosize
          minRows={2}
          maxLength={4000}
          value={body.question}
          onChange={(event) => change({ question: event.currentTarget.value })}
        />
        <Choice
          label={t.fields.planned}
          value={body.contrast.planned}
          values={KNOWN}
          name={(one) => words.reading.yesNo[one]}
          onChange={(planned) => change({ contrast: { ...body.contrast, planned } })}
        />
        <div className="field-grid">
          {CONTRAST.map((field) => (
            <TextInput
              key={field}
              label={t.fields[field]}
              maxLength={200}
              value={body.contrast[field]}
              onChange={(event) =>
                change({ contrast: { ...body.contrast, [field]: event.currentTarget.value } })
              }
            />
          ))}
        </div>
        <div className="field-grid">
          {CONTACT.map((field) => (
            <TextInput
              key={field}
              label={t.fields[field]}
              maxLength={field === 'callback_phone' ? 40 : 200}
              value={body[field]}
              onChange={(event) => change({ [field]: event.currentTarget.value })}
            />
          ))}
        </div>
        {chosen && <p className="muted">{t.savedBy(chosen.saved_by, fullText(chosen.saved_at))}</p>}
        <Group justify="flex-end">
          {chosen && (
            <Button color="red.8" disabled={isBusy} onClick={() => void remove(chosen)}>
              {t.remove}
            </Button>
          )}
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button variant="filled" loading={isBusy} disabled={!name.trim()} onClick={() => void save()}>
            {chosen ? t.change : t.keep}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}
