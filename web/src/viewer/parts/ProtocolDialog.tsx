import { Button, Group, Modal, SegmentedControl, Select, TagsInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { queries, usePerson } from '@/api/cache';
import type { HangingProtocol, HangingScreen, HangingStage, HangingWhen } from '@/api/contract';
import { hangingProtocols } from '@/api/hub';
import { Trouble, tell } from '@/ui/feedback';
import { settings } from '@/ui/settings';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import { numbered, stageName } from '../hanging/known';
import { type Editing, savingStore } from '../hanging/savingStore';
import { SCREENS_MOST, screensWanted, sharesOf } from '../hanging/scenes';
import { PaneForm } from './PaneForm';
import '../hanging.css';

const MINE_MOST = 50;
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
      <Select
        label={f.screens}
        description={f.screensNote}
        descriptionProps={{ style: { color: 'var(--muted)' } }}
        data={Array.from({ length: SCREENS_MOST }, (_, i) => ({
          value: String(i + 1),
          label: f.screensLeast(i + 1),
        }))}
        value={String(Math.min(when.screens_least, SCREENS_MOST))}
        allowDeselect={false}
        onChange={(least) => least && onChange({ ...when, screens_least: Number(least) })}
      />
      {isEverything && <p className="note amber">{f.everything}</p>}
    </>
  );
}

/** What hangs on each screen of a stage. A further screen can be left out; its panes are gone with it. */
function StageForm(props: {
  stage: HangingStage;
  at: number;
  isAlone: boolean;
  onChange: (stage: HangingStage) => void;
}) {
  const words = useWords();
  const h = words.hanging;
  const { stage, at, isAlone, onChange } = props;
  const shares = sharesOf(stage);
  const [name] = isAlone ? [''] : [`${stageName(stage.name, at, words)}: `];
  const change = (share: number, to: HangingScreen): void =>
    share === 0
      ? onChange({ ...stage, ...to })
      : onChange({ ...stage, further: stage.further.map((one, i) => (i === share - 1 ? to : one)) });
  return numbered(shares).map(({ one, at: share, key }) => (
    <fieldset key={key} className="pane-forms">
      <legend>
        {name}
        {shares.length > 1 ? `${h.form.screen(share + 1)} ` : `${h.form.panes} `}
        {words.viewer.layout[one.layout]}
      </legend>
      {share > 0 && (
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => onChange({ ...stage, further: stage.further.filter((_, i) => i !== share - 1) })}
        >
          {h.form.screenOut(share + 1)}
        </Button>
      )}
      {numbered(one.panes).map(({ one: pane, at: p, key }) => (
        <PaneForm
          key={key}
          pane={pane}
          index={p}
          onChange={(to) => change(share, { ...one, panes: one.panes.map((old, i) => (i === p ? to : old)) })}
        />
      ))}
    </fieldset>
  ));
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
  const changeStage = (at: number, to: HangingStage): void =>
    setProtocol({ ...protocol, stages: protocol.stages.map((one, s) => (s === at ? to : one)) });
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
        {isNew && screensWanted(protocol) > 1 && (
          <p className="note">{h.form.gathered(screensWanted(protocol))}</p>
        )}
        <WhenForm when={protocol.when} onChange={(when) => setProtocol({ ...protocol, when })} />
        {numbered(protocol.stages).map(({ one: stage, at, key }) => (
          <StageForm
            key={key}
            stage={stage}
            isAlone={protocol.stages.length === 1}
            at={at}
            onChange={(to) => changeStage(at, to)}
          />
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
