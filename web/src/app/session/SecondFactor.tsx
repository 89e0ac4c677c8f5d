import { Button, Tabs, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { renderSVG } from 'uqr';
import { type AuthAnswer, auth, errorText } from '@/api/allauth';
import { queries } from '@/api/cache';
import { createPasskey, passkeysWork } from '@/api/passkeys';
import { problemText, Trouble } from '@/ui/feedback';
import { useWords } from '@/words';
import { Gatehouse } from './Gatehouse';

/** The picture is drawn here; the secret goes to no other server. */
const qrAddress = (text: string): string =>
  `data:image/svg+xml;utf8,${encodeURIComponent(renderSVG(text, { border: 1 }))}`;

function useEnrolment(onEnrolled: () => void) {
  const words = useWords();
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  const take = async (act: () => Promise<AuthAnswer>): Promise<void> => {
    setBusy(true);
    setFault('');
    try {
      const answer = await act();
      if (answer.status === 200) onEnrolled();
      else setFault(errorText(answer) || words.session.wrong);
    } catch (error) {
      setFault(error instanceof DOMException ? words.session.passkeyFailed : problemText(error, words));
    } finally {
      setBusy(false);
    }
  };
  return { fault, isBusy, take };
}

function Totp({ onEnrolled }: { onEnrolled: () => void }) {
  const words = useWords();
  const [code, setCode] = useState('');
  const { fault, isBusy, take } = useEnrolment(onEnrolled);
  const secret = useQuery({
    queryKey: ['totp-secret'],
    queryFn: auth.totpSecret,
    staleTime: Infinity,
    gcTime: 0,
  });
  const address = String(secret.data?.meta?.totp_url ?? '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void take(() => auth.enrolTotp(code.trim()));
  };
  if (secret.error) return <Trouble error={secret.error} onRetry={() => void secret.refetch()} />;
  return (
    <form onSubmit={submit} className="stack">
      <p style={{ margin: 0 }}>{words.session.totpLead}</p>
      <div className="qr">
        {address && <img src={qrAddress(address)} alt={words.session.qr} width="180" height="180" />}
      </div>
      <details>
        <summary>{words.session.totpSecret}</summary>
        <div className="secret">{String(secret.data?.meta?.secret ?? '')}</div>
      </details>
      <TextInput
        label={words.session.code}
        inputMode="numeric"
        autoComplete="one-time-code"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={fault}
      />
      <Button type="submit" variant="filled" size="sm" loading={isBusy} disabled={!code.trim()}>
        {words.session.totpAct}
      </Button>
    </form>
  );
}

function Passkey({ onEnrolled }: { onEnrolled: () => void }) {
  const words = useWords();
  const [name, setName] = useState('');
  const { fault, isBusy, take } = useEnrolment(onEnrolled);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void take(async () => {
      const options = await auth.newPasskeyOptions();
      if (options.status !== 200) return options;
      return auth.enrolPasskey(name.trim(), await createPasskey(options.data?.creation_options));
    });
  };
  if (!passkeysWork()) return <p>{words.session.passkeyUnsupported}</p>;
  return (
    <form onSubmit={submit} className="stack">
      <p style={{ margin: 0 }}>{words.session.passkeyLead}</p>
      <TextInput
        label={words.session.passkeyName}
        description={words.session.passkeyNameHint}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fault}
      />
      <Button type="submit" variant="filled" size="sm" loading={isBusy}>
        {words.session.passkeyAdd}
      </Button>
    </form>
  );
}

async function recoveryCodes(): Promise<string[]> {
  const codes = (answer: AuthAnswer): string[] => {
    const list = answer.data?.unused_codes;
    return Array.isArray(list) ? list.map(String) : [];
  };
  const existing = codes(await auth.recoveryCodes());
  return existing.length > 0 ? existing : codes(await auth.newRecoveryCodes());
}

function Recovery({ onDone }: { onDone: () => void }) {
  const words = useWords();
  const codes = useQuery({
    queryKey: ['recovery-codes'],
    queryFn: recoveryCodes,
    staleTime: Infinity,
    gcTime: 0,
  });
  return (
    <div className="stack">
      <p style={{ margin: 0 }}>{words.session.recoveryLead}</p>
      {codes.error && <Trouble error={codes.error} onRetry={() => void codes.refetch()} />}
      <ul className="codes">
        {codes.data?.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="row no-print">
        <Button onClick={() => window.print()}>{words.common.print}</Button>
        <Button variant="filled" onClick={onDone}>
          {words.session.recoveryDone}
        </Button>
      </div>
    </div>
  );
}

export function SecondFactor({ onDone }: { onDone: () => void }) {
  const words = useWords();
  const [isEnrolled, setEnrolled] = useState(false);
  const finish = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['me'] });
    onDone();
  };
  if (isEnrolled) {
    return (
      <Gatehouse title={words.session.recovery}>
        <Recovery onDone={() => void finish()} />
      </Gatehouse>
    );
  }
  return (
    <Gatehouse title={words.session.enrol}>
      <p>{words.session.enrolLead}</p>
      <Tabs defaultValue="totp">
        <Tabs.List grow mb="md">
          <Tabs.Tab value="totp">{words.session.totp}</Tabs.Tab>
          <Tabs.Tab value="passkey">{words.session.passkey}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="totp">
          <Totp onEnrolled={() => setEnrolled(true)} />
        </Tabs.Panel>
        <Tabs.Panel value="passkey">
          <Passkey onEnrolled={() => setEnrolled(true)} />
        </Tabs.Panel>
      </Tabs>
    </Gatehouse>
  );
}
