import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { CasePair, PairLevel, PairMark, StudyOut } from '@/api/contract';
import { Tag, type Tone } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';

const TONES: Record<PairLevel, Tone> = {
  contradiction: 'red',
  possible: 'amber',
  strong: 'green',
  linked: 'green',
  aside: 'grey',
  none: 'grey',
};
const SIGNS: Record<PairMark, string> = {
  agree: '＝',
  near: '≈',
  missing: '–',
  differs: '≠',
  contradicts: '✕',
};

/** What the images look like, so that a wrong part is seen at a glance. */
function Thumbnail({ study, root }: { study: StudyOut; root: string }) {
  const w = useWords().resolution;
  const [isMissing, setMissing] = useState(false);
  if (isMissing) return <div className="pair-thumb muted">{w.noThumbnail}</div>;
  return (
    <img
      className="pair-thumb"
      src={`${root}/studies/${study.study_instance_uid}/thumbnail`}
      alt={w.thumbnail}
      width={128}
      height={128}
      onError={() => setMissing(true)}
    />
  );
}

function Lines({ pair }: { pair: CasePair }) {
  const w = useWords().resolution;
  return (
    <table className="pair-lines">
      <thead>
        <tr>
          <th>{w.field}</th>
          <th>{w.ours}</th>
          <th>{pair.study ? w.theirs : w.registered}</th>
          <th>{w.comparison}</th>
        </tr>
      </thead>
      <tbody>
        {pair.lines.map((line) => (
          <tr key={line.label} className={line.mark} data-mark={line.mark}>
            <th scope="row">{line.label}</th>
            <td className="num">{line.ours || '–'}</td>
            <td className="num">{line.theirs || '–'}</td>
            <td>
              <b aria-hidden="true">{SIGNS[line.mark]}</b>{' '}
              {line.mark === 'agree' ? w.marks.agree : line.sentence || w.marks[line.mark]}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One study beside the request, or the registered patient beside what is stated. */
export function Pair(props: {
  pair: CasePair;
  isChosen: boolean;
  onChoose: () => void;
  children: React.ReactNode;
}) {
  const { pair, isChosen, onChoose, children } = props;
  const words = useWords();
  const w = words.resolution;
  const now = useNow();
  const { study } = pair;
  const exam = study ? `${study.modalities.join(' ')} ${study.description || study.body_part}` : w.registered;
  const when = pair.linked_at ? whenText(pair.linked_at, now, words.time) : '';
  return (
    <section
      className={isChosen ? 'sheet pair chosen' : 'sheet pair'}
      aria-label={exam}
      aria-current={isChosen ? 'true' : undefined}
      data-level={pair.level}
      onPointerDown={onChoose}
    >
      <header>
        <Tag tone={TONES[pair.level]}>{w.levels[pair.level]}</Tag>
        <b>{exam}</b>
        {study && (
          <>
            <span className="muted num">{study.study_at && whenText(study.study_at, now, words.time)}</span>
            <span className="muted num">{words.common.images(study.instance_count)}</span>
            <Link to="/studies/$id/images" params={{ id: study.id }}>
              {w.look}
            </Link>
          </>
        )}
        <span className="spacer" />
        {pair.is_linked && pair.method && (
          <span className="muted num">
            {w.linkedBy(w.methods[pair.method as keyof typeof w.methods] ?? '', pair.linked_by, when)}
          </span>
        )}
        {pair.aside_by && <span className="muted">{w.asideBy(pair.aside_by)}</span>}
      </header>
      {pair.reasons.length > 0 && pair.level !== 'linked' && pair.level !== 'aside' && (
        <p className={pair.holds ? 'pair-why red' : 'pair-why'}>
          <span className="muted">{w.why}</span> {pair.reasons.join('。')}
        </p>
      )}
      <div className="pair-body">
        {study && <Thumbnail key={study.study_instance_uid} study={study} root={pair.dicomweb_root} />}
        <Lines pair={pair} />
      </div>
      {children}
    </section>
  );
}
