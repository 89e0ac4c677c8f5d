import type { AskBack, SaidAskBack } from '@/api/contract';
import { fullText } from '@/ui/time';
import { useWords } from '@/words';
import './askbacks.css';

/** What a signed version says was asked and answered until it was signed. */
export function SaidAskBacks({ said }: { said: readonly SaidAskBack[] }) {
  const a = useWords().askBacks;
  if (said.length === 0) return null;
  return (
    <section aria-label={a.inReport}>
      <h2>{a.inReport}</h2>
      {said.map((one) => (
        <div key={one.id} className="ask-line">
          <div>
            <b>{one.label}</b> <span className="prose">{one.sentence}</span>
          </div>
          <div className="muted num">
            {a.asked(one.asked_by, fullText(one.asked_at))} ・ {a.to(one.addressee)}
          </div>
          {one.state === 'answered' && one.answered_at ? (
            <div className="ask-answer">
              <b>{a.answer}</b> <span className="prose">{one.answer}</span>
              <div className="muted num">
                {a.answered(one.facility, one.answered_by, fullText(one.answered_at))}
              </div>
            </div>
          ) : (
            <b>{one.state === 'expired' ? a.expired : a.unanswered}</b>
          )}
        </div>
      ))}
    </section>
  );
}

/** Before a signature: how many questions the report will call unanswered. */
export function UnansweredAtSigning({ items }: { items: readonly AskBack[] }) {
  const a = useWords().askBacks;
  const open = items.filter(({ state }) => state === 'asked');
  if (open.length === 0) return null;
  return (
    <div className="note amber">
      {a.atSigning(open.length)} {open.map(({ label }) => label).join('、')}
    </div>
  );
}
