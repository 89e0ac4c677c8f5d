import { Button, PasswordInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { auth } from '@/api/allauth';
import type { InvitationOut } from '@/api/contract';
import { invitations } from '@/api/hub';
import { problemText, Skeleton } from '@/ui/feedback';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { useWords } from '@/words';
import { Gatehouse } from './Gatehouse';

function Accept({
  token,
  invitation,
  onAccepted,
}: {
  token: string;
  invitation: InvitationOut;
  onAccepted: () => void;
}) {
  const words = useWords();
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  const differs = again !== '' && again !== password;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFault('');
    try {
      await invitations.accept(token, password);
      await auth.login(invitation.email, password);
      onAccepted();
    } catch (error) {
      setFault(problemText(error, words));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="stack">
      <input type="email" autoComplete="username" value={invitation.email} readOnly hidden />
      <PasswordInput
        visibilityToggleButtonProps={{ 'aria-label': words.session.showPassword }}
        label={words.session.newPassword}
        description={words.session.newPasswordHint}
        autoComplete="new-password"
        required
        minLength={12}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={fault}
      />
      <PasswordInput
        visibilityToggleButtonProps={{ 'aria-label': words.session.showPassword }}
        label={words.session.repeatPassword}
        autoComplete="new-password"
        required
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
        error={differs ? words.session.passwordsDiffer : ''}
      />
      <Button
        type="submit"
        variant="filled"
        size="sm"
        loading={isBusy}
        disabled={!password || password !== again}
      >
        {words.session.invitationAct}
      </Button>
    </form>
  );
}

export function Invitation({ token, onAccepted }: { token: string; onAccepted: () => void }) {
  const words = useWords();
  const now = useNow();
  const { data, error } = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => invitations.get(token),
    retry: false,
  });
  if (error) {
    return (
      <Gatehouse title={words.session.invitation}>
        <p>{words.session.invitationBad}</p>
      </Gatehouse>
    );
  }
  return (
    <Gatehouse title={data ? words.session.invitationFor(data.name) : words.session.invitation}>
      {!data && <Skeleton rows={3} />}
      {data && (
        <>
          <p>{words.session.invitationLead}</p>
          <dl className="facts" style={{ marginBottom: 16 }}>
            <dt>{words.session.email}</dt>
            <dd>{data.email}</dd>
            {data.facility_names.length > 0 && (
              <>
                <dt>{words.session.facilities}</dt>
                <dd>{data.facility_names.join('、')}</dd>
              </>
            )}
          </dl>
          <Accept token={token} invitation={data} onAccepted={onAccepted} />
          <p className="muted">{words.session.invitationUntil(whenText(data.expires_at, now, words.time))}</p>
        </>
      )}
    </Gatehouse>
  );
}
