import { Button, Checkbox, FileInput, Modal, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { queries, usePerson } from '@/api/cache';
import type { PaperRow, PaperState, PaperTaken } from '@/api/contract';
import { papers } from '@/api/papers';
import { useCommands } from '@/ui/commands';
import { Empty, Skeleton, Trouble, tell, tellProblem } from '@/ui/feedback';
import { Tag, type Tone, UrgencyMark } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';
import './paper.css';

const TONES: Partial<Record<PaperState, Tone>> = {
  received: 'amber',
  to_check: 'amber',
  transcribing: 'accent',
  checking: 'accent',
  done: 'green',
  returned: 'red',
};

export function PaperStateTag({ row }: { row: Pick<PaperRow, 'state' | 'request_id'> }) {
  const w = useWords().papers;
  return (
    <Tag tone={TONES[row.state] ?? 'grey'}>
      {row.request_id && row.state === 'done' ? w.request(row.request_id) : w.states[row.state]}
    </Tag>
  );
}

function Answered({ taken }: { taken: PaperTaken }) {
  const w = useWords().papers;
  return (
    <div role="status" className="stack">
      {taken.papers.map((one) => (
        <p key={one.id} className="note">
          {w.taken}{' '}
          <Link to="/papers/$id" params={{ id: one.id }}>
            {w.number(one.id)}
          </Link>
          {one.files
            .filter(({ problem }) => problem)
            .map((file) => ` ${file.name}: ${file.problem}`)
            .join('')}
        </p>
      ))}
      {taken.known.length > 0 && (
        <div className="note amber">
          {w.known}
          <ul>
            {taken.known.map((one) => (
              <li key={one.name + one.paper_id}>{w.known1(one.name, one.paper_id, w.states[one.state])}</li>
            ))}
          </ul>
        </div>
      )}
      {taken.refused.length > 0 && (
        <div className="trouble">
          <div>
            {w.refused}
            <ul>
              {taken.refused.map((one) => (
                <li key={one.name}>
                  {one.name}: {one.detail}
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
    </div>
  );
}

/** Slips are chosen and sent; what became of each file is said. */
function HandIn({ onClose }: { onClose: () => void }) {
  const w = useWords().papers;
  const { facilities } = usePerson();
  const [files, setFiles] = useState<File[]>([]);
  const [facility, setFacility] = useState(facilities.length === 1 ? String(facilities[0]?.id) : '');
  const [note, setNote] = useState('');
  const [isEmergency, setEmergency] = useState(false);
  const [isOne, setOne] = useState(true);
  const [taken, setTaken] = useState<PaperTaken | null>(null);
  const [isSending, setSending] = useState(false);
  const send = async (): Promise<void> => {
    setSending(true);
    try {
      const answer = await papers.handIn({
        files,
        facility_id: Number(facility) || undefined,
        note,
        is_emergency: isEmergency,
        is_one: isOne,
      });
      setTaken(answer);
      setFiles([]);
      if (answer.papers.length > 0) tell(w.taken);
    } catch (error) {
      tellProblem(error);
    }
    setSending(false);
    await queries.invalidateQueries({ queryKey: ['papers'] });
  };
  return (
    <Modal opened onClose={onClose} title={w.handIn} size="lg">
      <div className="stack">
        {facilities.length !== 1 && (
          <NativeSelect
            label={w.facility}
            value={facility}
            onChange={(event) => setFacility(event.currentTarget.value)}
            data={[
              { value: '', label: '' },
              ...facilities.map(({ id, name }) => ({ value: String(id), label: name })),
            ]}
          />
        )}
        <FileInput
          label={w.files}
          multiple
          value={files}
          onChange={setFiles}
          accept=".pdf,.png,.jpg,.jpeg,.tif,.tiff"
        />
        <TextInput label={w.note} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        <Checkbox
          label={w.isEmergency}
          checked={isEmergency}
          onChange={(event) => setEmergency(event.currentTarget.checked)}
        />
        {files.length > 1 && (
          <Checkbox
            label={w.isOne}
            checked={isOne}
            onChange={(event) => setOne(event.currentTarget.checked)}
          />
        )}
        {taken && <Answered taken={taken} />}
        <Button
          variant="filled"
          disabled={files.length === 0 || !facility || isSending}
          onClick={() => void send()}
        >
          {isSending ? w.sending : w.handIn}
        </Button>
      </div>
    </Modal>
  );
}

function Row({ row }: { row: PaperRow }) {
  const words = useWords();
  const w = words.papers;
  const now = useNow();
  return (
    <tr>
      <td>
        <PaperStateTag row={row} /> {row.is_emergency && <UrgencyMark urgency="emergency" />}
        {row.is_sent && (row.state === 'to_check' || row.state === 'checking') && (
          <Tag tone="red">{w.unchecked}</Tag>
        )}
      </td>
      <td>
        <Link to="/papers/$id" params={{ id: row.id }}>
          {w.number(row.id)}
        </Link>
      </td>
      <td>{row.facility.name}</td>
      <td className="num">
        {whenText(row.received_at, now, words.time)} {row.received_by}
      </td>
      <td>
        {row.files.map(({ name }) => name).join('、')} <span className="muted num">{row.pages}p</span>
        {row.files.some(({ problem }) => problem) && <div className="muted">{row.files[0]?.problem}</div>}
      </td>
      <td>{row.owner}</td>
      <td>{row.reason}</td>
    </tr>
  );
}

/** Slips that came on paper and what became of them. */
export function PapersPage() {
  const words = useWords();
  const w = words.papers;
  const { roles } = usePerson();
  const [box, setBox] = useState<'open' | 'ended'>('open');
  const [isOpen, setOpen] = useState(false);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['papers', box],
    queryFn: ({ signal }) => papers.list(box, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const mayHandIn = roles.some((role) => role !== 'lead' && role !== 'administrator');
  useCommands(
    mayHandIn ? [{ id: 'papers.hand-in', title: w.handIn, keys: ['n'], run: () => setOpen(true) }] : [],
  );
  return (
    <div className="page papers">
      <header>
        <h1>{w.title}</h1>
        <SegmentedControl
          size="xs"
          value={box}
          onChange={(value) => setBox(value as 'open' | 'ended')}
          data={(['open', 'ended'] as const).map((one) => ({ value: one, label: w.boxes[one] }))}
        />
        {mayHandIn && <Button onClick={() => setOpen(true)}>{w.handIn}</Button>}
        <span className="muted">{w.lead}</span>
      </header>
      {error && <Trouble error={error} onRetry={() => void refetch()} />}
      {isPending && <Skeleton />}
      {data?.items.length === 0 && (
        <div className="sheet">
          <Empty title={box === 'open' ? w.none : w.noneEnded}>{box === 'open' ? w.noneLead : ''}</Empty>
        </div>
      )}
      {data && data.items.length > 0 && (
        <table className="sheet dense">
          <thead>
            <tr>
              <th>{w.columns.state}</th>
              <th>{w.original}</th>
              <th>{w.columns.facility}</th>
              <th>{w.columns.received}</th>
              <th>{w.columns.file}</th>
              <th>{w.columns.owner}</th>
              <th>{words.common.reason}</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      )}
      {isOpen && <HandIn onClose={() => setOpen(false)} />}
    </div>
  );
}
