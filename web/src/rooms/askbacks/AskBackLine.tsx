import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AskBack, AskBackState } from '@/api/contract';
import { Tag, type Tone } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { fullText, remaining, whenText } from '@/ui/time';
import { useWords } from '@/words';
import './askbacks.css';

const TONES: Record<AskBackState, Tone> = {
  asked: 'violet',
  answered: 'green',
  withdrawn: 'grey',
  expired: 'amber',
};

export function AskBackTag({ state }: { state: AskBackState }) {
  return <Tag tone={TONES[state]}>{useWords().askBacks.states[state]}</Tag>;
}

/** How long an answer is still waited for. */
export function TimeLeft({ one }: { one: AskBack }) {
  const words = useWords();
  const a = words.askBacks;
  const left = remaining(one.due_at, useNow(), words.time);
  if (one.state !== 'asked') return null;
  return (
    <span
      className={one.reminded > 0 || left.isOverdue ? 'num ask-left pressing' : 'num ask-left'}
      title={a.dueAt(fullText(one.due_at))}
    >
      {left.isOverdue ? a.overdue : left.text}
      {one.reminded > 0 && !left.isOverdue && ` ・ ${a.pressing}`}
    </span>
  );
}

/** Who ended it, where and when: an answer with its source. */
export function Ending({ one }: { one: AskBack }) {
  const words = useWords();
  const a = words.askBacks;
  const now = useNow();
  const at = one.ended_at ? whenText(one.ended_at, now, words.time) : '';
  if (one.state === 'answered') {
    return (
      <div className="ask-answer">
        <b>{a.answer}</b> <span className="prose">{one.answer}</span>
        <div className="muted num">{a.answered(one.facility.name, one.ended_by, at)}</div>
      </div>
    );
  }
  if (one.state === 'withdrawn') {
    return (
      <div className="muted">
        {a.withdrawnBy(one.ended_by, at)} {one.ended_reason}
      </div>
    );
  }
  return one.state === 'expired' ? <div className="muted">{a.expiredAt(fullText(one.due_at))}</div> : null;
}

/** One ask-back as it stands: what, of whom, by whom, until when, and what came of it. */
export function AskBackLine(props: {
  one: AskBack;
  onWithdraw?: (one: AskBack) => void;
  children?: ReactNode;
}) {
  const { one, onWithdraw, children } = props;
  const words = useWords();
  const a = words.askBacks;
  const now = useNow();
  return (
    <div className="ask-line">
      <div className="row">
        <AskBackTag state={one.state} /> <b>{one.label}</b>
        <TimeLeft one={one} />
      </div>
      <div className="prose">{one.sentence}</div>
      <div className="muted num">
        {a.asked(one.asked_by, whenText(one.asked_at, now, words.time))} ・{' '}
        <span className="whole">{a.to(one.addressee)}</span>
        {one.mails && one.mails.told > 0 && (
          <span className="whole">
            {' '}
            ・{' '}
            {a.mails(one.mails.told, one.mails.last_at ? whenText(one.mails.last_at, now, words.time) : '—')}
          </span>
        )}
        {one.mails && one.mails.failed > 0 && (
          <span className="whole pressing"> ・ {a.mailsFailed(one.mails.failed)}</span>
        )}
      </div>
      <Ending one={one} />
      {children}
      {onWithdraw && one.acts.includes('withdraw') && (
        <Button variant="subtle" size="compact-xs" onClick={() => onWithdraw(one)}>
          {a.withdraw}
        </Button>
      )}
    </div>
  );
}
