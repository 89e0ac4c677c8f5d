import { Button, Group, Modal, Radio } from '@mantine/core';
import { useState } from 'react';
import { queries } from '@/api/cache';
import type { Launchable } from '@/api/contract';
import { launches } from '@/api/hub';
import { isProblem } from '@/api/problem';
import { CommandButton } from '@/ui/CommandButton';
import { type Command, useCommands } from '@/ui/commands';
import { Trouble, tell } from '@/ui/feedback';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';
import { type Differs, IDENTITY } from '../windows/protocol';
import { asked, goTo, type Launching, type OnScreen } from './launching';

type OnDiffer = (differs: readonly Differs[]) => void;

function Subject({ on }: { on: OnScreen }) {
  const words = useWords();
  const now = useNow();
  const l = words.launch;
  return (
    <dl className="launch-subject">
      <dt>{l.cover.name}</dt>
      <dd>
        <b>{on.name}</b>
      </dd>
      <dt>{words.patient.id}</dt>
      <dd className="num">{on.patientId || l.none}</dd>
      <dt>{l.studyAt}</dt>
      <dd className="num">{on.studyAt ? whenText(on.studyAt, now, words.time) : l.none}</dd>
      <dt>{l.accession}</dt>
      <dd className="num">{on.accession || l.none}</dd>
    </dl>
  );
}

function About({ viewer }: { viewer: Launchable }) {
  const l = useWords().launch;
  return (
    <div className="stack muted">
      <span className="num">{l.to(viewer.host)}</span>
      <span>{viewer.names_patient ? l.namesPatient : l.noPatientInUrl}</span>
      <span className={viewer.tells ? '' : 'note amber'}>{viewer.tells ? l.tells : l.tellsNot}</span>
    </div>
  );
}

/** Asks the hub for the address, which compares what stands here with what it holds, and opens it. */
function useOpening(launching: Launching, on: OnScreen, onDiffer: OnDiffer, onDone: () => void) {
  const { kind, id } = launching.door;
  const l = useWords().launch;
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const open = async (viewer: Launchable): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const { url } = await launches.open(kind, id, asked(viewer, on));
      goTo(url);
      tell(l.launched(viewer.name));
      onDone();
    } catch (fault) {
      setError(fault);
      if (isProblem(fault, 'launch.context_differs')) {
        const said = Array.isArray(fault.body.differs) ? fault.body.differs : [];
        onDiffer(IDENTITY.filter((one) => said.includes(one)));
      }
    } finally {
      setBusy(false);
      void queries.invalidateQueries({ queryKey: ['launches'] });
    }
  };
  return { error, isBusy, open };
}

function LaunchDialog(props: {
  launching: Launching;
  on: OnScreen;
  onDiffer: OnDiffer;
  onClose: () => void;
}) {
  const { launching, on, onClose } = props;
  const words = useWords();
  const l = words.launch;
  const { viewers } = launching;
  const [id, setId] = useState(String(viewers[0]?.id ?? ''));
  const viewer = viewers.find((one) => String(one.id) === id);
  const { error, isBusy, open } = useOpening(launching, on, props.onDiffer, onClose);
  return (
    <Modal opened onClose={onClose} title={l.title} size="md">
      <div className="stack">
        <Subject on={on} />
        {viewers.length > 1 ? (
          <Radio.Group label={l.viewer} value={id} onChange={setId}>
            {viewers.map((one) => (
              <Radio key={one.id} value={String(one.id)} label={one.name} mt={6} />
            ))}
          </Radio.Group>
        ) : (
          <b>{viewer?.name}</b>
        )}
        {viewer && <About viewer={viewer} />}
        {error !== null && <Trouble error={error} />}
        <Group justify="flex-end">
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button
            variant="filled"
            loading={isBusy}
            disabled={!viewer}
            data-autofocus
            onClick={() => viewer && void open(viewer)}
          >
            {l.confirm}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}

/** Opens the study on this screen in a certified viewer; there where one was named by an administrator. */
export function LaunchButton(props: { launching: Launching; on: OnScreen | null; onDiffer: OnDiffer }) {
  const { launching, on, onDiffer } = props;
  const l = useWords().launch;
  const [isOpen, setOpen] = useState(false);
  const command: Command = {
    id: 'viewer.launch',
    title: l.open,
    keys: ['shift+d'],
    when: () => on !== null && launching.viewers.length > 0,
    run: () => setOpen(true),
  };
  useCommands([command]);
  if (launching.viewers.length === 0) return null;
  return (
    <>
      <CommandButton command={command} />
      {isOpen && on && (
        <LaunchDialog launching={launching} on={on} onDiffer={onDiffer} onClose={() => setOpen(false)} />
      )}
    </>
  );
}
