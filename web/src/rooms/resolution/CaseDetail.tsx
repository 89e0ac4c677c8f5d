import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { usePerson } from '@/api/cache';
import type { CaseFull, CasePair } from '@/api/contract';
import { resolution } from '@/api/resolution';
import { CommandButton } from '@/ui/CommandButton';
import { type Command, useCommands } from '@/ui/commands';
import { Skeleton, Trouble } from '@/ui/feedback';
import { Tag, UrgencyMark } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { PatientFacts } from '@/ui/patient';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';
import { Pair } from './Pair';
import { Search } from './Search';
import { type CaseActs, useCaseActs } from './useCaseActs';

/** Something contradicts and the report is final already: nothing can be held, people have to be told. */
export const isSigned = (one: { request_state: string }): boolean => one.request_state === 'fulfilled';

/** A request that still waits for images, or for a report. */
const LIVE = ['sent', 'accepted'] as const;

const keyOf = (pair: CasePair): number => pair.study_id ?? 0;

function pairCommands(pair: CasePair, acts: CaseActs, w: ReturnType<typeof useWords>['resolution']) {
  const may = (act: string): boolean => pair.acts.includes(act);
  const every: (Command & { act: string })[] = [
    { act: 'link', id: 'case.link', title: w.link, keys: ['l'], run: () => void acts.link(pair) },
    { act: 'other', id: 'case.other', title: w.other, keys: ['x'], run: () => void acts.other(pair) },
    { act: 'part', id: 'case.part', title: w.part, keys: ['u'], run: () => void acts.part(pair) },
  ];
  return every.filter(({ act }) => may(act));
}

function History({ one }: { one: CaseFull }) {
  const words = useWords();
  const now = useNow();
  return (
    <details className="sheet padded">
      <summary>{words.common.history}</summary>
      <ul className="case-history">
        {one.history.map((line) => (
          <li key={`${line.at}${line.sentence}`}>
            <span className="muted num">{whenText(line.at, now, words.time)}</span> {line.sentence}{' '}
            <span className="muted">{line.by}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Heading({ one }: { one: CaseFull }) {
  const words = useWords();
  const w = words.resolution;
  return (
    <header className="sheet padded case-head">
      <div className="row">
        <UrgencyMark urgency={one.urgency} />
        <b>
          {one.modality} {one.exam_description}
        </b>
        {one.is_held && <Tag tone="red">{isSigned(one) ? w.signed : w.held}</Tag>}
        <span className="muted">
          {w.owner} {one.owner}
        </span>
        <span className="spacer" />
        <Link to="/requests/$id" params={{ id: one.request_id }}>
          {w.toRequest}
        </Link>
      </div>
      <PatientFacts patient={one.patient} facility={one.facility.name} />
      <dl className="case-facts">
        {one.question && (
          <>
            <dt>{w.question}</dt>
            <dd>{one.question}</dd>
          </>
        )}
        {(one.requester_name || one.callback_phone) && (
          <>
            <dt>{w.contact}</dt>
            <dd className="num">
              {one.requester_name} {one.callback_phone}
            </dd>
          </>
        )}
      </dl>
    </header>
  );
}

function PairActs({ commands }: { commands: readonly Command[] }) {
  if (commands.length === 0) return null;
  return (
    <div className="row pair-acts">
      {commands.map((command) => (
        <CommandButton key={command.id} command={command} />
      ))}
    </div>
  );
}

/** Both sides of one case, and what may be done about it. */
function Opened({ one }: { one: CaseFull }) {
  const w = useWords().resolution;
  const acts = useCaseActs(one);
  const [chosen, setChosen] = useState<number | null>(null);
  const [typed, setTyped] = useState('');
  const [found, setFound] = useState<CasePair | null>(null);
  const pair = found ?? one.pairs.find((each) => keyOf(each) === chosen) ?? one.pairs[0];
  const choose = (each: CasePair): void => {
    setFound(null);
    setChosen(keyOf(each));
  };
  const step = (): void => {
    const at = pair ? one.pairs.indexOf(pair) : -1;
    const next = one.pairs[(at + 1) % Math.max(1, one.pairs.length)];
    if (next) choose(next);
  };
  const ofPair = pair ? pairCommands(pair, acts, w) : [];
  const mayDismiss = one.pairs.some((each) => each.acts.includes('other'));
  const ofCase: Command[] = [
    ...(one.acts.includes('release')
      ? [{ id: 'case.release', title: w.release, keys: ['r'], run: () => void acts.release() }]
      : []),
    ...(mayDismiss
      ? [{ id: 'case.none', title: w.noneOfThem, keys: ['n'], run: () => void acts.none() }]
      : []),
    ...(one.pairs.length > 1 ? [{ id: 'case.pair', title: w.nextPair, keys: ['c'], run: step }] : []),
  ];
  useCommands([...ofPair, ...ofCase]);
  const mayLook =
    usePerson().permissions.includes('resolution:write') && LIVE.some((state) => state === one.request_state);
  const isClosedToMe = one.is_held && !one.may_judge_contradictions;
  return (
    <div className="case-detail">
      <Heading one={one} />
      {one.is_held && isSigned(one) && <p className="note red">{w.signedLead}</p>}
      {isClosedToMe && <p className="note amber">{w.onlySupport}</p>}
      {ofCase.length > 0 && (
        <div className="row case-acts">
          {ofCase.map((command) => (
            <CommandButton key={command.id} command={command} />
          ))}
        </div>
      )}
      {one.pairs.length === 0 && <p className="muted">{w.noPairs}</p>}
      {one.pairs.map((each) => (
        <Pair key={keyOf(each)} pair={each} isChosen={each === pair} onChoose={() => choose(each)}>
          {each === pair && <PairActs commands={ofPair} />}
        </Pair>
      ))}
      {mayLook && (
        <Search caseId={one.id} words={typed} onWords={setTyped}>
          {(pairs) =>
            pairs
              .filter((each) => !one.pairs.some((known) => keyOf(known) === keyOf(each)))
              .map((each) => (
                <Pair
                  key={keyOf(each)}
                  pair={each}
                  isChosen={keyOf(each) === (found && keyOf(found))}
                  onChoose={() => setFound(each)}
                >
                  {found && keyOf(each) === keyOf(found) && <PairActs commands={ofPair} />}
                </Pair>
              ))
          }
        </Search>
      )}
      <History one={one} />
    </div>
  );
}

export function CaseDetail({ id }: { id: number }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['resolution', 'case', id],
    queryFn: ({ signal }) => resolution.get(id, signal),
    gcTime: 0,
    refetchInterval: 60_000,
  });
  if (error && !data) return <Trouble error={error} onRetry={() => void refetch()} />;
  return data ? <Opened key={data.id} one={data} /> : <Skeleton rows={8} />;
}
