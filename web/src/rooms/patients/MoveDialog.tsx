import { Button, Group, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PatientPage, PatientRow, StudyMove, StudyOut } from '@/api/contract';
import { studyMoves } from '@/api/moves';
import { Trouble } from '@/ui/feedback';
import { useWords } from '@/words';
import { attempt } from './attempt';
import { Agree, Choose } from './MergeDialog';

/** Whose a study really is is found, compared and said. */
export function MoveDialog(props: { page: PatientPage; study: StudyOut; onClose: () => void }) {
  const { page, study, onClose } = props;
  const words = useWords();
  const { moves: m, chooseOther } = words.patients;
  const [target, setTarget] = useState<PatientRow | null>(null);
  const { data, error } = useQuery({
    queryKey: ['patient-studies', 'study-beside', study.id, target?.id],
    queryFn: ({ signal }) => studyMoves.beside(study.id, target?.id ?? 0, signal),
    enabled: target !== null,
    gcTime: 0,
  });
  const move = async (typed: string, reason: string): Promise<void> => {
    if (!target) return;
    const done = data?.needs_second ? m.asked : m.done;
    if (await attempt(() => studyMoves.move(study.id, target.id, typed, reason), done)) onClose();
  };
  return (
    <Modal opened onClose={onClose} title={m.title} size="xl">
      <div className="stack">
        <p>
          <b>
            {study.modalities.join(' ')} {study.description || study.body_part}
          </b>{' '}
          <span className="muted num">{words.common.images(study.instance_count)}</span>
        </p>
        <p className="muted">{m.lead}</p>
        {target === null ? (
          <Choose page={page} label={m.choose} onChoose={setTarget} />
        ) : (
          <Group>
            <Button size="compact-sm" onClick={() => setTarget(null)}>
              {chooseOther}
            </Button>
          </Group>
        )}
        {error && <Trouble error={error} />}
        {target && data?.refusal && <p className="note amber">{data.refusal}</p>}
        {target && data && !data.refusal && (
          <Agree
            lines={data.lines}
            ours={m.origin}
            theirs={m.target}
            expected={data.typed}
            act={data.needs_second ? m.ask : m.doMove}
            note={data.needs_second ? m.needsSecond : ''}
            onAct={(typed, reason) => void move(typed, reason)}
          />
        )}
      </div>
    </Modal>
  );
}

/** The second person looks at the same two sides. */
export function ConfirmMoveDialog({ move, onClose }: { move: StudyMove; onClose: () => void }) {
  const m = useWords().patients.moves;
  const make = async (typed: string, reason: string): Promise<void> => {
    if (await attempt(() => studyMoves.confirm(move.id, typed, reason), m.done)) onClose();
  };
  return (
    <Modal opened onClose={onClose} title={m.confirmTitle} size="xl">
      <div className="stack">
        <p className="muted">{move.reason}</p>
        <Agree
          lines={move.lines}
          ours={m.origin}
          theirs={m.target}
          expected={move.typed}
          act={m.confirm}
          note=""
          onAct={(typed, reason) => void make(typed, reason)}
        />
      </div>
    </Modal>
  );
}
