import { Button, Checkbox, Group, Modal, NumberInput, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { TokenOut } from '@/api/contract';
import { facilities, tokens } from '@/api/hub';
import { act } from '@/ui/act';
import { confirm } from '@/ui/confirm';
import { Empty } from '@/ui/feedback';
import { Tag } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { fullText, whenText } from '@/ui/time';
import { useWords } from '@/words';
import { AdminPage } from './AdminPage';
import { Once } from './Once';
import './admin.css';

/** What a machine may be allowed; the hub refuses anything else. */
const MACHINE_PERMISSIONS = [
  'dicom:store',
  'dicom:read',
  'study:read',
  'request:read',
  'request:write',
  'delivery:read',
  'report:read',
  'status:read',
];

function TokenDialog({ onClose, onMade }: { onClose: () => void; onMade: (secret: string) => void }) {
  const words = useWords();
  const w = words.admin;
  const [name, setName] = useState('');
  const [days, setDays] = useState(365);
  const [facility, setFacility] = useState<string | null>(null);
  const [permissions, setPermissions] = useState<string[]>(['dicom:store']);
  const { data: all } = useQuery({ queryKey: ['facilities'], queryFn: facilities.list });
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const made = await act('tokens', () =>
      tokens.create({ name, facility_id: Number(facility), permissions, expires_in_days: days }),
    );
    if (!made) return;
    onClose();
    if (made.token) onMade(made.token);
  };
  return (
    <Modal opened onClose={onClose} title={w.addToken}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <TextInput
          label={w.tokenName}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={w.facility}
          required
          data={(all ?? []).map(({ id, name: label }) => ({ value: String(id), label }))}
          value={facility}
          onChange={setFacility}
        />
        <Checkbox.Group label={w.permissions} value={permissions} onChange={setPermissions}>
          <div className="row" style={{ paddingTop: 4, gap: '8px 16px' }}>
            {MACHINE_PERMISSIONS.map((permission) => (
              <Checkbox key={permission} size="xs" value={permission} label={permission} />
            ))}
          </div>
        </Checkbox.Group>
        <NumberInput
          label={w.tokenDays}
          min={1}
          max={3650}
          value={days}
          onChange={(value) => setDays(Number(value))}
        />
        <Group justify="flex-end">
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button type="submit" variant="filled" disabled={!facility || permissions.length === 0}>
            {w.addToken}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

function TokenRow({ token }: { token: TokenOut }) {
  const words = useWords();
  const w = words.admin;
  const now = useNow();
  const revoke = async (): Promise<void> => {
    const isSure = await confirm({
      title: w.revokeTitle(token.name),
      body: w.revokeLead,
      confirm: w.revoke,
      isGrave: true,
    });
    if (isSure !== null) await act('tokens', () => tokens.revoke(token.id), w.saved);
  };
  return (
    <tr>
      <td>
        <b>{token.name}</b> {token.revoked_at && <Tag>{w.revoked}</Tag>}
      </td>
      <td>{token.facility.name}</td>
      <td className="muted">{token.permissions.join(' ')}</td>
      <td className="num">{fullText(token.expires_at)}</td>
      <td className="num muted">
        {token.last_used_at ? whenText(token.last_used_at, now, words.time) : w.never}
      </td>
      <td className="right">
        {!token.revoked_at && (
          <Button variant="subtle" color="red" onClick={() => void revoke()}>
            {w.revoke}
          </Button>
        )}
      </td>
    </tr>
  );
}

export function Tokens() {
  const words = useWords();
  const w = words.admin;
  const query = useQuery({ queryKey: ['tokens'], queryFn: tokens.list });
  const [isMaking, setMaking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <AdminPage
      title={w.tokens}
      lead={w.tokensLead}
      query={query}
      acts={
        <Button variant="filled" onClick={() => setMaking(true)}>
          {w.addToken}
        </Button>
      }
    >
      {(items) => (
        <>
          {items.length === 0 && <Empty title={w.noTokens}>{w.noTokensLead}</Empty>}
          {items.length > 0 && (
            <table className="dense">
              <thead>
                <tr>
                  <th>{w.tokenName}</th>
                  <th>{w.facility}</th>
                  <th>{w.permissions}</th>
                  <th>{w.expires}</th>
                  <th>{w.lastUsed}</th>
                  <th>
                    <span className="sr">{w.revoke}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((token) => (
                  <TokenRow key={token.id} token={token} />
                ))}
              </tbody>
            </table>
          )}
          {isMaking && <TokenDialog onClose={() => setMaking(false)} onMade={setSecret} />}
          {secret && (
            <Once title={w.tokens} lead={w.tokenOnce} secret={secret} onClose={() => setSecret(null)} />
          )}
        </>
      )}
    </AdminPage>
  );
}
