import {
  Button,
  Checkbox,
  Group,
  Modal,
  SegmentedControl,
  Select,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { queries, usePerson } from '@/api/cache';
import type { HangingPane, HangingProtocol, HangingWhen } from '@/api/contract';
import { hangingProtocols } from '@/api/hub';
import { Trouble, tell } from '@/ui/feedback';
import { settings } from '@/ui/settings';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import { type Editing, savingStore } from '../hanging/savingStore';
import { selectorText } from './hanging';
import '../hanging.css';

const MINE_MOST = 50;
const PRESETS = [
  'brain',
  'stroke',
  'bone',
  'lung',
  'mediastinum',
  'abdomen',
  'liver',
  'vessel',
  'full',
] as const;
type Preset = (typeof PRESETS)[number];

/** Stages and panes are what they are by their place. */
const numbered = <One,>(all: readonly One[]): { one: One; at: number; key: string }[] =>
  all.map((one, at) => ({ one, at, key: `place-${at}` }));

const isSame = (a: HangingProtocol, b: HangingProtocol): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Kept under what it was, so that a change on another machine in between does not change another protocol. */
function keepMine(protocol: HangingProtocol, was: HangingProtocol | null): void {
  settings.change((document) => {
    const all = document.hanging.protocols;
    const at = was ? all.findIndex((one) => isSame(one, was)) : -1;
    const protocols = at < 0 ? [...all, protocol] : all.map((one, i) => (i === at ? protocol : one));
    return { ...document, hanging: { ...document.hanging, protocols } };
  });
}

async function keep(protocol: HangingProtocol, editing: Editing, isShared: boolean): Promise<void> {
  if (!isShared) {
    keepMine(protocol, editing.mine === null ? null : editing.protocol);
    return;
  }
  const { shared } = editing;
  if (shared) await hangingProtocols.change(shared.id, protocol, shared.revision);
  else await hangingProtocols.share(protocol);
  await queries.invalidateQueries({ queryKey: ['hanging'] });
}

function PaneForm(props: { pane: HangingPane; index: number; onChange: (pane: HangingPane) => void }) {
  const words = useWords();
  const f = words.hanging.form;
  const { pane, index, onChange } = props;
  const first = pane.selectors[0];
  const own = first?.words ?? [];
  const setWords = (next: string[]): void => {
    const selectors = first
      ? [{ ...first, words: next }, ...pane.selectors.slice(1)]
      : [{ words: next, without: [] }];
    onChange({ ...pane, selectors });
  };
  return (
    <div className="pane-form">
      <b className="num">{words.viewer.pane(index + 1)}</b>
      <Select
        aria-label={`${words.viewer.pane(index + 1)} ${f.prior}`}
        data={(['current', 'prior'] as const).map((value) => ({ value, label: f.role[value] }))}
        value={pane.role}
        allowDeselect={false}
        onChange={(role) => role && onChange({ ...pane, role: role as HangingPane['role'] })}
      />
      <TagsInput
        aria-label={`${words.viewer.pane(index + 1)} ${f.paneWords}`}
        placeholder={own.length === 0 ? f.paneWords : undefined}
        value={own}
        maxTags={40}
        onChange={setWords}
      />
      <Select
        aria-label={`${words.viewer.pane(index + 1)} ${f.preset}`}
        data={[
          { value: '', label: f.presetNone },
          ...PRESETS.map((value) => ({ value, label: words.viewer.preset[value] })),
        ]}
        value={pane.preset === 'dicom' ? '' : (pane.preset ?? '')}
        allowDeselect={false}
        onChange={(preset) => onChange({ ...pane, preset: (preset || null) as Preset | null })}
      />
      <Checkbox
        className="pane-fusion"
        size="xs"
        label={f.fusion}
        aria-label={`${words.viewer.pane(index + 1)} ${f.fusion}`}
        checked={pane.fusion === true}
        onChange={(event) => onChange({ ...pane, fusion: event.currentTarget.checked })}
      />
      <span className="muted">
        {pane.selectors.map((one) => selectorText(one, words)).join(' → ') || words.hanging.anything}
      </span>
    </div>
  );
}

function WhenForm({ when, onChange }: { when: HangingWhen; onChange: (when: HangingWhen) => void }) {
  const f = useWords().hanging.form;
  const isEverything = when.modalities.length === 0 && when.words.length === 0;
  return (
    <>
      <TagsInput
        label={f.modalities}
        placeholder={f.tagHint}
        value={when.modalities}
        maxTags={16}
        onChange={(all) =>
          onChange({
            ...when,
            modalities: all.map((one) => one.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')).filter(Boolean),
          })
        }
      />
      <TagsInput
        label={f.words}
        description={f.wordsNote}
        descriptionProps={{ style: { color: 'var(--muted)' } }}
        placeholder={f.tagHint}
        value={when.words}
        maxTags={40}
        onChange={(words) => onChange({ ...when, words })}
      />
      <TagsInput
        label={f.without}
        placeholder={f.tagHint}
        value={when.without}
        maxTags={40}
        onChange={(without) => onChange({ ...when, without })}
      />
      <Select
        label={f.prior}
        data={(['any', 'with', 'without'] as const).map((value) => ({ value, label: f.priorOf[value] }))}
        value={when.prior}
        allowDeselect={false}
        onChange={(prior) => prior && onChange({ ...when, prior: prior as HangingWhen['prior'] })}
      />
      {isEverything && <p className="note amber">{f.everything}</p>}
    </>
  );
}

function Dialog({ editing }: { editing: Editing }) {
  const words = useWords();
  const h = words.hanging;
  const me = usePerson();
  const [protocol, setProtocol] = useState(editing.protocol);
  const [isShared, setShared] = useState(editing.shared !== null);
  const [error, setError] = useState<unknown>(null);
  const mayShare = me.permissions.includes('hanging:manage');
  const isNew = editing.shared === null && editing.mine === null;
  const isFull = isNew && !isShared && settings.store.get().document.hanging.protocols.length >= MINE_MOST;
  const close = (): void => savingStore.set({ editing: null });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const named = { ...protocol, name: protocol.name.trim() };
    keep(named, editing, isShared)
      .then(() => {
        tell(h.saved);
        close();
      })
      .catch(setError);
  };
  const changePane = (stage: number, pane: number, to: HangingPane): void => {
    const stages = protocol.stages.map((one, s) =>
      s === stage ? { ...one, panes: one.panes.map((old, p) => (p === pane ? to : old)) } : one,
    );
    setProtocol({ ...protocol, stages });
  };
  return (
    <Modal opened onClose={close} title={isNew ? h.save : h.edit} size="xl">
      <form className="stack" onSubmit={submit}>
        <TextInput
          label={h.form.name}
          required
          maxLength={60}
          value={protocol.name}
          onChange={(event) => setProtocol({ ...protocol, name: event.currentTarget.value })}
          data-autofocus
        />
        {mayShare && isNew && (
          <SegmentedControl
            aria-label={h.form.scope}
            value={isShared ? 'shared' : 'mine'}
            onChange={(value) => setShared(value === 'shared')}
            data={[
              { value: 'mine', label: h.form.scopeMine },
              { value: 'shared', label: h.form.scopeShared },
            ]}
          />
        )}
        <WhenForm when={protocol.when} onChange={(when) => setProtocol({ ...protocol, when })} />
        {numbered(protocol.stages).map(({ one: stage, at: s, key }) => (
          <fieldset key={key} className="pane-forms">
            <legend>
              {h.form.panes} {words.viewer.layout[stage.layout]}
            </legend>
            {numbered(stage.panes).map(({ one: pane, at: p, key }) => (
              <PaneForm key={key} pane={pane} index={p} onChange={(to) => changePane(s, p, to)} />
            ))}
          </fieldset>
        ))}
        {error ? <Trouble error={error} /> : null}
        {isFull && <p className="note amber">{h.tooMany}</p>}
        <Group justify="flex-end">
          <Button onClick={close}>{words.common.cancel}</Button>
          <Button type="submit" variant="filled" disabled={!protocol.name.trim() || isFull}>
            {words.common.save}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** Names a protocol and says when it hangs. */
export function ProtocolDialog() {
  const editing = useStore(savingStore, (state) => state.editing);
  return editing ? <Dialog editing={editing} /> : null;
}
