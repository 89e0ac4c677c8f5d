import { Button, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { answerLinks } from '@/api/askbacks';
import type { AnswerLink, AnswerLinkDone, AnswerLinkQuestion, AnswerLinkWho } from '@/api/contract';
import { problemText, Skeleton } from '@/ui/feedback';
import { useNow } from '@/ui/now';
import { fullText, whenText } from '@/ui/time';
import { useWords } from '@/words';
import { Gatehouse } from './Gatehouse';
import '@/rooms/askbacks/askbacks.css';

function Exam({ link }: { link: AnswerLink }) {
  const words = useWords();
  const a = words.askBacks;
  const now = useNow();
  return (
    <dl className="facts" style={{ marginBottom: 16 }}>
      <dt>{a.linkFacility}</dt>
      <dd>{link.facility}</dd>
      <dt>{a.linkExam}</dt>
      <dd>{[link.modality, link.exam_on].filter(Boolean).join('　') || '—'}</dd>
      <dt>{a.linkNumber}</dt>
      <dd className="num">{link.accession_number || '—'}</dd>
      <dt>{a.linkAddressee}</dt>
      <dd>{link.addressee}</dd>
      <dt>{a.linkDue}</dt>
      <dd className="num">{whenText(link.due_at, now, words.time)}</dd>
    </dl>
  );
}

function Who({
  secret,
  onKnown,
}: {
  secret: string;
  onKnown: (who: AnswerLinkWho, question: AnswerLinkQuestion) => void;
}) {
  const words = useWords();
  const a = words.askBacks;
  const [id, setId] = useState('');
  const [birth, setBirth] = useState('');
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFault('');
    const who = { secret, patient_id: id.trim(), birth_on: birth };
    try {
      onKnown(who, await answerLinks.question(who));
    } catch (error) {
      setFault(problemText(error, words));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="stack">
      <p>{a.linkWho}</p>
      <TextInput
        label={a.linkPatientId}
        required
        maxLength={64}
        autoComplete="off"
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
      />
      <TextInput
        type="date"
        label={a.linkBirth}
        required
        value={birth}
        error={fault}
        onChange={(event) => setBirth(event.currentTarget.value)}
      />
      <Button type="submit" variant="filled" size="sm" loading={isBusy} disabled={!id.trim() || !birth}>
        {a.linkShow}
      </Button>
    </form>
  );
}

function Question({
  who,
  question,
  onDone,
}: {
  who: AnswerLinkWho;
  question: AnswerLinkQuestion;
  onDone: (done: AnswerLinkDone) => void;
}) {
  const words = useWords();
  const a = words.askBacks;
  const [text, setText] = useState('');
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  const isUnderWay = useRef(false);
  const answer = async (option: string, said: string): Promise<void> => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setBusy(true);
    setFault('');
    try {
      onDone(await answerLinks.answer(who, option, said));
    } catch (error) {
      setFault(problemText(error, words));
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
  };
  return (
    <section className="stack" aria-label={question.label}>
      <p className="muted" style={{ margin: 0 }}>
        {question.label}
        {question.exam_description && `　${question.exam_description}`}
        {`　${question.asked_by}`}
      </p>
      <p style={{ margin: 0 }}>{question.sentence}</p>
      {question.options.length > 0 && (
        <div className="answer-box">
          <fieldset>
            <legend>{a.choose}</legend>
            <div className="answer-options">
              {question.options.map((option) => (
                <Button key={option} size="md" disabled={isBusy} onClick={() => void answer(option, '')}>
                  {option}
                </Button>
              ))}
            </div>
          </fieldset>
        </div>
      )}
      <Textarea
        label={a.words}
        autosize
        minRows={2}
        maxLength={1000}
        value={text}
        error={fault}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button disabled={!text.trim() || isBusy} onClick={() => void answer('', text.trim())}>
        {a.sendAnswer}
      </Button>
    </section>
  );
}

/** The page behind the link in a mail: the exam, two identifiers, the question, one answer. */
export function AnswerByLink({ secret }: { secret: string }) {
  const words = useWords();
  const a = words.askBacks;
  const [known, setKnown] = useState<{ who: AnswerLinkWho; question: AnswerLinkQuestion } | null>(null);
  const [done, setDone] = useState<AnswerLinkDone | null>(null);
  const { data, error } = useQuery({
    queryKey: ['answer-link', secret],
    queryFn: () => answerLinks.open(secret),
    retry: false,
    refetchOnWindowFocus: false,
    gcTime: 0,
  });
  return (
    <Gatehouse title={done ? a.linkDoneTitle : a.linkTitle}>
      {error && !done && <p role="alert">{problemText(error, words)}</p>}
      {!data && !error && <Skeleton rows={4} />}
      {done && (
        <>
          <p role="status">{a.linkDone(fullText(done.answered_at))}</p>
          <p>{done.answer}</p>
        </>
      )}
      {data && !done && !error && (
        <>
          <Exam link={data} />
          {known ? (
            <Question {...known} onDone={setDone} />
          ) : (
            <Who secret={secret} onKnown={(who, question) => setKnown({ who, question })} />
          )}
        </>
      )}
      {(error || done) && (
        <p>
          <a href="/ask-backs">{a.linkSignIn}</a>
        </p>
      )}
    </Gatehouse>
  );
}
