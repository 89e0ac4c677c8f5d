import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Cover } from '@/ui/Cover';
import { curtain, hasWork, saveWork } from '@/ui/curtain';
import { problemText } from '@/ui/feedback';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import { ProofForm } from '../session/elevation';
import { signOut } from '../signout';
import { comeBack, leave, mayGoOn, warning } from './presence';

type Step = 'ask' | 'prove' | 'ended';

/** Whether what was being written is with the hub; it is tried when the curtain falls and whenever it is looked at. */
function useSaved(): boolean | null {
  const [isSaved, setSaved] = useState<boolean | null>(null);
  useEffect(() => {
    let isGone = false;
    void saveWork().then((all) => !isGone && setSaved(all));
    return () => {
      isGone = true;
    };
  }, []);
  return isSaved;
}

function SavedLine() {
  const p = useWords().presence;
  const isSaved = useSaved();
  if (!hasWork() || isSaved === null) return null;
  return <p className={isSaved ? 'muted' : 'bad'}>{isSaved ? p.saved : p.unsaved}</p>;
}

/** Goes on only when the hub says that this very person is still signed in, and has proved it lately. */
function useGoOn(first: Step) {
  const words = useWords();
  const [step, setStep] = useState<Step>(first);
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  const goOn = async (): Promise<void> => {
    setBusy(true);
    setFault('');
    try {
      const answer = await mayGoOn();
      if (answer === 'yes') comeBack();
      else if (answer === 'other') leave();
      else setStep(answer === 'prove' ? 'prove' : 'ended');
    } catch (error) {
      setFault(problemText(error, words));
    } finally {
      setBusy(false);
    }
  };
  return { step, fault, isBusy, goOn };
}

function Ended({ goOn, isBusy }: { goOn: () => void; isBusy: boolean }) {
  const p = useWords().presence;
  return (
    <>
      <p>{hasWork() ? p.endedLead : p.endedShort}</p>
      <div className="row">
        {hasWork() ? (
          <>
            <Button variant="filled" onClick={() => window.open('/sign-in', '_blank', 'noopener')}>
              {p.signInElsewhere}
            </Button>
            <Button loading={isBusy} onClick={goOn}>
              {p.goOn}
            </Button>
          </>
        ) : (
          <Button variant="filled" onClick={leave}>
            {p.toSignIn}
          </Button>
        )}
      </div>
    </>
  );
}

function Away({ reason }: { reason: 'idle' | 'ended' }) {
  const words = useWords();
  const p = words.presence;
  const { step, fault, isBusy, goOn } = useGoOn(reason === 'ended' ? 'ended' : 'ask');
  return (
    <Cover title={step === 'ended' ? p.endedTitle : p.idleTitle}>
      <SavedLine />
      {step === 'ask' && (
        <div className="row">
          <Button variant="filled" loading={isBusy} onClick={() => void goOn()} data-autofocus>
            {p.goOn}
          </Button>
          <Button onClick={() => void signOut()}>{words.session.signOut}</Button>
        </div>
      )}
      {step === 'prove' && <ProofForm onProved={() => void goOn()} />}
      {step === 'ended' && <Ended goOn={() => void goOn()} isBusy={isBusy} />}
      {fault && (
        <p className="bad" role="alert">
          {fault}
        </p>
      )}
    </Cover>
  );
}

/** Over every room: a warning before the screen is emptied, and what stands on it then. */
export function PresenceCover() {
  const p = useWords().presence;
  const reason = useStore(curtain, (state) => state.session);
  const seconds = useStore(warning, (state) => state.seconds);
  if (reason) return <Away key={reason} reason={reason} />;
  if (seconds === null) return null;
  return (
    <div className="idle-warning num" role="status">
      {p.warning(seconds)}
    </div>
  );
}
