import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { auth, errorText } from '@/api/allauth';
import { passkeysWork, provePasskey } from '@/api/passkeys';
import { problemText } from '@/ui/feedback';
import { createStore, useStore } from '@/ui/store';
import { useWords } from '@/words';

const asked = createStore<{ answer: ((proved: boolean) => void) | null }>({ answer: null });

let underWay: Promise<boolean> | null = null;

/** Asks the person to prove themselves again. Acts that need it at the same moment share one dialog. */
export function askElevation(): Promise<boolean> {
  underWay ??= new Promise<boolean>((resolve) => asked.set({ answer: resolve })).finally(() => {
    underWay = null;
    asked.set({ answer: null });
  });
  return underWay;
}

/** Asks for the second factor once more. */
export function ProofForm({ onProved }: { onProved: () => void }) {
  const words = useWords();
  const [code, setCode] = useState('');
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);

  const attempt = async (
    act: () => Promise<{ status: number; errors?: { code: string; message: string }[] }>,
  ) => {
    setBusy(true);
    setFault('');
    try {
      const result = await act();
      if (result.status === 200) onProved();
      else setFault(result.status === 429 ? words.session.tooMany : errorText(result) || words.session.wrong);
    } catch (error) {
      setFault(error instanceof DOMException ? words.session.passkeyFailed : problemText(error, words));
    } finally {
      setBusy(false);
    }
  };
  const byCode = (event: FormEvent): void => {
    event.preventDefault();
    void attempt(() => auth.reauthenticate(code.trim()));
  };
  const byPasskey = () =>
    attempt(async () => {
      const options = await auth.passkeyOptions('reauthenticate');
      if (options.status !== 200) return options;
      return auth.passkey('reauthenticate', await provePasskey(options.data?.request_options));
    });

  return (
    <form onSubmit={byCode} className="stack">
      <p style={{ margin: 0 }}>{words.session.elevateLead}</p>
      <TextInput
        label={words.session.code}
        description={words.session.codeHint}
        autoComplete="one-time-code"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={fault}
        data-autofocus
      />
      <Button type="submit" variant="filled" loading={isBusy} disabled={!code.trim()}>
        {words.session.elevateAct}
      </Button>
      {passkeysWork() && (
        <Button onClick={() => void byPasskey()} disabled={isBusy}>
          {words.session.withPasskey}
        </Button>
      )}
    </form>
  );
}

function ElevationDialog({ answer }: { answer: (proved: boolean) => void }) {
  return (
    <Modal opened onClose={() => answer(false)} title={useWords().session.elevate} size="sm">
      <ProofForm onProved={() => answer(true)} />
    </Modal>
  );
}

export function ElevationHost() {
  const answer = useStore(asked, (state) => state.answer);
  return answer ? <ElevationDialog answer={answer} /> : null;
}
