import type { ReadingRow } from '@/api/contract';
import { Tag, UrgencyMark } from '@/ui/marks';
import { ageAndSex, patientName } from '@/ui/patient';
import { useStore } from '@/ui/store';
import { fullText, remaining, whenText } from '@/ui/time';
import { ahead } from '@/viewer/ahead';
import { useWords } from '@/words';

function TimeLeft({ row, now }: { row: ReadingRow; now: Date }) {
  const words = useWords();
  if (!row.due_at || row.state === 'read' || row.state === 'cancelled')
    return <td className="num right muted">–</td>;
  const left = remaining(row.due_at, now, words.time);
  const tone = left.isOverdue ? 'overdue' : row.warned >= 90 ? 'close' : row.warned >= 75 ? 'near' : '';
  return (
    <td
      className={`num right left ${tone}`}
      title={`${left.text} · ${words.worklist.due} ${fullText(row.due_at)}`}
    >
      {left.isOverdue && <span className="sr">{left.text}</span>}
      <span aria-hidden={left.isOverdue}>{left.short}</span>
    </td>
  );
}

function Situation({ row, now, myId }: { row: ReadingRow; now: Date; myId: number | undefined }) {
  const words = useWords();
  if (row.state === 'claimed') {
    const mine = row.reader?.id === myId;
    return (
      <Tag tone={mine ? 'accent' : 'grey'}>
        {mine ? words.worklist.byMe : words.worklist.by(row.reader?.name ?? '')}
      </Tag>
    );
  }
  if (row.state === 'held') return <Tag title={row.refusal?.sentence}>{words.worklist.states.held}</Tag>;
  return (
    <span className="row" style={{ gap: 4, flexWrap: 'nowrap' }}>
      {row.waits_for.map(({ what, label, owner, until }) => (
        <Tag
          key={what + label}
          tone="amber"
          title={until ? words.priors.waitsUntil(whenText(until, now, words.time)) : undefined}
        >
          {words.worklist.waitsFor(label, owner)}
        </Tag>
      ))}
      {row.is_unchecked && (
        <Tag tone="red" title={words.papers.uncheckedLead}>
          {words.worklist.unchecked}
        </Tag>
      )}
      {row.asked_now > 0 && (
        <Tag tone="violet" title={words.askBacks.waiting(row.asked_now)}>
          {words.worklist.asked}
        </Tag>
      )}
      {row.completeness.missing.length > 0 && (
        <Tag tone="violet" title={row.completeness.missing.map(({ label }) => label).join('、')}>
          {words.worklist.missing(row.completeness.missing.length)}
        </Tag>
      )}
      {row.state !== 'waiting' && row.state !== 'pending' && <Tag>{words.worklist.states[row.state]}</Tag>}
    </span>
  );
}

/** How many images there are, and under the number how many of them are on this machine already. */
function Images({ row }: { row: ReadingRow }) {
  const w = useWords().worklist;
  const { expected_count: expected, instance_count: count } = row;
  const isShort = expected !== null && expected > count;
  const here = useStore(ahead.progress, ({ reading, here }) => (reading === row.id ? here : 0));
  const of = useStore(ahead.progress, (now) => (now.reading === row.id ? now.of : 0));
  return (
    <td
      className={`num right images ${isShort ? 'close' : ''}`}
      data-here={here || undefined}
      title={here > 0 ? w.imagesHere(here, of) : undefined}
    >
      {isShort ? `${count}/${expected}` : count}
      {here > 0 && (
        <meter className="here" min={0} max={of} value={here} aria-label={w.imagesHere(here, of)} />
      )}
    </td>
  );
}

/** How many priors of how many are here; without any, what is known of them. */
function Priors({ row: { priors } }: { row: ReadingRow }) {
  const w = useWords().worklist;
  const isComing = priors.wanted > priors.arrived;
  const isTroubled = priors.failed > 0 || priors.contradicting > 0 || priors.search === 'unreachable';
  const text = isComing
    ? w.priorsComing(priors.arrived, priors.wanted)
    : priors.arrived > 0
      ? w.priorsArrived(priors.arrived)
      : w.priorState[priors.state];
  return (
    <td
      className={`num ${isComing || isTroubled || priors.state === 'elsewhere' ? 'near' : ''}`}
      title={[w.priorTitle[priors.state], priors.where_when, ...w.priorTroubles(priors)]
        .filter(Boolean)
        .join('・')}
    >
      {text}
      {isTroubled && <span title={w.priorTroubles(priors).join('・')}> !</span>}
    </td>
  );
}

/** The name of the examination; the part in front only when the name does not already say it. */
const examText = ({ body_part, exam_description }: ReadingRow): string =>
  exam_description.includes(body_part) ? exam_description : `${body_part} ${exam_description}`;

export function Row(props: {
  row: ReadingRow;
  now: Date;
  myId: number | undefined;
  isChosen: boolean;
  onChoose: () => void;
  onOpen: () => void;
}) {
  const { row, now, isChosen } = props;
  const words = useWords();
  const w = words.worklist;
  const missing = row.completeness.missing.map(({ label }) => label).join('、');
  return (
    <tr
      aria-selected={isChosen}
      data-reading={row.id}
      className={isChosen ? 'chosen' : ''}
      onClick={props.onChoose}
      onDoubleClick={props.onOpen}
    >
      <TimeLeft row={row} now={now} />
      <td>
        <UrgencyMark urgency={row.urgency} />
      </td>
      <td className="exam">
        <b>{row.modality}</b> <span className="clip">{examText(row)}</span>
      </td>
      <td>
        <span className="who">{patientName(row.patient, words)}</span>{' '}
        <span className="kana">{row.patient.name_kana}</span>
      </td>
      <td className="num">{ageAndSex(row.patient, words)}</td>
      <td className="clip">{row.facility.name}</td>
      <td className="num muted">{row.study_at ? whenText(row.study_at, now, words.time) : '–'}</td>
      <Images row={row} />
      <Priors row={row} />
      <td className="num right" title={w.completenessTitle(row.completeness.score, missing)}>
        {row.completeness.score}
      </td>
      <td>
        <Situation row={row} now={now} myId={props.myId} />
      </td>
    </tr>
  );
}
