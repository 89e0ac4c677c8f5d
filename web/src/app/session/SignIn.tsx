import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type AuthAnswer, auth, errorText, pendingFlow } from '@/api/allauth';
import { queries } from '@/api/cache';
import { passkeysWork, provePasskey } from '@/api/passkeys';
import { problemText } from '@/ui/feedback';
import { useWords } from '@/words';
import { Gatehouse } from './Gatehouse';

/** Runs one step of the sign-in and says in words what came of it. */
function useStep(onDone: () => void, onSecond: (types: string[]) => void) {
  const words = useWords();
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  const take = async (act: () => Promise<AuthAnswer>): Promise<void> => {
    setBusy(true);
    setFault('');
    try {
      const answer = await act();
      const pending = pendingFlow(answer);
      if (answer.status === 200) onDone();
      else if (pending) onSecond(pending.types ?? []);
      else setFault(answer.status === 429 ? words.session.tooMany : errorText(answer) || words.session.wrong);
    } catch (error) {
      setFault(error instanceof DOMException ? words.session.passkeyFailed : problemText(error, words));
    } finally {
      setBusy(false);
    }
  };
  return { fault, isBusy, take };
}

async function passkeyStep(act: 'login' | 'authenticate'): Promise<AuthAnswer> {
  const options = await auth.passkeyOptions(act);
  if (options.status !== 200) return options;
  return auth.passkey(act, await provePasskey(options.data?.request_options));
}

function FirstStep({ step }: { step: ReturnType<typeof useStep> }) {
  const words = useWords();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void step.take(() => auth.login(email.trim(), password));
  };
  return (
    <form onSubmit={submit} className="stack">
      <TextInput
        label={words.session.email}
        type="email"
        autoComplete="username webauthn"
        required
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        autoFocus
      />
      <PasswordInput
        visibilityToggleButtonProps={{ 'aria-label': words.session.showPassword }}
        label={words.session.password}
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={step.fault}
      />
      <Button type="submit" variant="filled" size="sm" loading={step.isBusy}>
        {words.session.signInAct}
      </Button>
      {passkeysWork() && (
        <>
          <div className="divider">{words.session.or}</div>
          <Button size="sm" onClick={() => void step.take(() => passkeyStep('login'))} disabled={step.isBusy}>
            {words.session.passkeyAct}
          </Button>
        </>
      )}
    </form>
  );
}

function SecondStep({ types, step }: { types: string[]; step: ReturnType<typeof useStep> }) {
  const words = useWords();
  const [code, setCode] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void step.take(() => auth.secondStep(code.trim()));
  };
  return (
    <form onSubmit={submit} className="stack">
      <TextInput
        label={words.session.code}
        description={words.session.codeHint}
        autoComplete="one-time-code"
        required
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={step.fault}
        autoFocus
      />
      <Button type="submit" variant="filled" size="sm" loading={step.isBusy}>
        {words.session.confirmAct}
      </Button>
      {types.includes('webauthn') && passkeysWork() && (
        <Button
          size="sm"
          onClick={() => void step.take(() => passkeyStep('authenticate'))}
          disabled={step.isBusy}
        >
          {words.session.withPasskey}
        </Button>
      )}
    </form>
  );
}

export function SignIn({ isEnded, onSignedIn }: { isEnded: boolean; onSignedIn: () => void }) {
  const words = useWords();
  const [types, setTypes] = useState<string[] | null>(null);
  const done = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['me'] });
    onSignedIn();
  };
  const step = useStep(() => void done(), setTypes);
  return (
    <Gatehouse title={types ? words.session.secondStep : words.session.signIn}>
      {isEnded && !types && <p className="note">{words.session.ended}</p>}
      {types ? <SecondStep types={types} step={step} /> : <FirstStep step={step} />}
    </Gatehouse>
  );
}
