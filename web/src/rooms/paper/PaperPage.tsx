import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { queries } from '@/api/cache';
import type { PaperFull } from '@/api/contract';
import { papers } from '@/api/papers';
import { CommandButton } from '@/ui/CommandButton';
import { type Command, useCommands } from '@/ui/commands';
import { Skeleton, Trouble, tellProblem } from '@/ui/feedback';
import { Tag, UrgencyMark } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';
import { usePutAway } from './acts';
import { Desk } from './Desk';
import { PageView } from './PageView';
import { PaperStateTag } from './PapersPage';
import './paper.css';

function Heading({ paper }: { paper: PaperFull }) {
  const words = useWords();
  const w = words.papers;
  const now = useNow();
  return (
    <header>
      <h1>{w.number(paper.id)}</h1>
      <PaperStateTag row={paper} />
      {paper.is_emergency && <UrgencyMark urgency="emergency" />}
      <span>{paper.facility.name}</span>
      <span className="muted num">
        {w.columns.received} {whenText(paper.received_at, now, words.time)} {paper.received_by}
      </span>
      {paper.owner && (
        <span className="muted">
          {w.columns.owner} {paper.owner}
        </span>
      )}
      {paper.transcribed_by && (
        <span className="muted">
          {w.by1} {paper.transcribed_by} {paper.checked_by && `・ ${w.by2} ${paper.checked_by}`}
        </span>
      )}
      {paper.request_id && (
        <Link to="/requests/$id" params={{ id: paper.request_id }}>
          {w.request(paper.request_id)}
        </Link>
      )}
      {paper.is_sent && paper.state !== 'done' && paper.state !== 'duplicate' && (
        <Tag tone="red">{w.unchecked}</Tag>
      )}
    </header>
  );
}

/** A paper that is in nobody's hands here: its pages, its history, and what may be done next. */
function Looked({ paper }: { paper: PaperFull }) {
  const words = useWords();
  const w = words.papers;
  const now = useNow();
  const [page, setPage] = useState(1);
  const putAway = usePutAway(paper);
  const claim = async (): Promise<void> => {
    try {
      await papers.claim(paper.id);
    } catch (error) {
      tellProblem(error);
    }
    await queries.invalidateQueries({ queryKey: ['papers'] });
  };
  const acts: Command[] = [
    ...(paper.acts.includes('claim')
      ? [
          {
            id: 'paper.claim',
            title: paper.state === 'to_check' ? w.check : w.claim,
            keys: ['Enter'],
            run: () => void claim(),
          },
        ]
      : []),
    ...putAway,
  ];
  useCommands(acts);
  return (
    <div className="paper-columns">
      <PageView paper={paper.id} pages={paper.pages} page={page} places={[]} onPage={setPage} />
      <section className="sheet padded stack">
        {acts.length > 0 && (
          <div className="row">
            {acts.map((command) => (
              <CommandButton key={command.id} command={command} />
            ))}
          </div>
        )}
        {paper.state === 'to_check' && !paper.acts.includes('claim') && <p className="note">{w.wait}</p>}
        {paper.reason && (
          <p className="note amber">
            {words.common.reason}: {paper.reason} {paper.ended_by}
          </p>
        )}
        {paper.note && (
          <p>
            {w.note}: {paper.note}
          </p>
        )}
        <ul>
          {paper.files.map((file) => (
            <li key={file.sha256}>
              {file.name} <span className="muted num">{file.pages}p</span>
              {file.problem && <div className="note amber">{file.problem}</div>}
            </li>
          ))}
        </ul>
        {paper.corrections.length > 0 && (
          <ul aria-label={w.corrected}>
            {paper.corrections.map((one) => (
              <li key={one.field}>
                {w.fields[one.field]}: <s>{one.before || w.empty}</s> → {one.after || w.empty}
              </li>
            ))}
          </ul>
        )}
        <h2>{words.common.history}</h2>
        <ol className="timeline">
          {paper.timeline.map((line) => (
            <li key={line.at + line.sentence}>
              <span className="muted num">
                {whenText(line.at, now, words.time)} {line.by}
              </span>{' '}
              {line.sentence}
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

export function PaperPage() {
  const { id } = useParams({ from: '/inside/papers/$id' });
  const { data, error, refetch } = useQuery({
    queryKey: ['papers', 'one', id],
    queryFn: ({ signal }) => papers.get(id, signal),
    gcTime: 0,
  });
  return (
    <div className="page papers">
      {error && !data ? <Trouble error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Skeleton rows={8} />}
      {data && <Heading paper={data} />}
      {data &&
        (data.is_mine ? (
          <Desk key={`${data.id}-${data.state}`} paper={data} />
        ) : (
          <Looked key={data.id} paper={data} />
        ))}
    </div>
  );
}
