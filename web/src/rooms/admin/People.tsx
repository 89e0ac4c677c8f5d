import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Invited, PersonOut, PersonState } from '@/api/contract';
import { people } from '@/api/hub';
import { act } from '@/ui/act';
import { confirm } from '@/ui/confirm';
import { Empty } from '@/ui/feedback';
import { Tag, type Tone } from '@/ui/marks';
import { useNow } from '@/ui/now';
import { fullText, whenText } from '@/ui/time';
import { useWords } from '@/words';
import { AdminPage } from './AdminPage';
import { Once } from './Once';
import { PersonDialog, type PersonForm } from './PersonDialog';
import './admin.css';

const TONES: Record<PersonState, Tone> = {
  invited: 'amber',
  active: 'green',
  suspended: 'violet',
  left: 'grey',
};

type Move = 'suspend' | 'reinstate' | 'leave';
const MOVES: Record<PersonState, readonly Move[]> = {
  invited: ['leave'],
  active: ['suspend', 'leave'],
  suspended: ['reinstate', 'leave'],
  left: [],
};

function PersonMenu(props: { person: PersonOut; onEdit: () => void; onInvited: (invited: Invited) => void }) {
  const words = useWords();
  const w = words.admin;
  const { person } = props;
  const move = async (to: Move): Promise<void> => {
    const isSure = await confirm({
      title: w.moveTitle[to](person.name),
      body: w.moveLead[to],
      confirm: w.moves[to],
      isGrave: to !== 'reinstate',
    });
    if (isSure !== null) await act('people', () => people.move(person.id, to), w.saved);
  };
  const endSessions = async (): Promise<void> => {
    const isSure = await confirm({
      title: w.endSessionsTitle(person.name),
      body: w.endSessionsLead,
      confirm: w.endSessions,
      isGrave: true,
    });
    if (isSure !== null) await act('people', () => people.endSessions(person.id), w.sessionsEnded);
  };
  const reinvite = async (): Promise<void> => {
    const invited = await act('people', () => people.reinvite(person.id));
    if (invited) props.onInvited(invited);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" aria-label={`${w.edit}: ${person.name}`}>
          {w.edit}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={props.onEdit}>{w.editTitle}</Menu.Item>
        {person.state === 'invited' && <Menu.Item onClick={() => void reinvite()}>{w.reinvite}</Menu.Item>}
        {person.state === 'active' && (
          <Menu.Item onClick={() => void endSessions()}>{w.endSessions}</Menu.Item>
        )}
        {MOVES[person.state].map((to) => (
          <Menu.Item key={to} onClick={() => void move(to)}>
            {w.moves[to]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function PeopleTable(props: {
  items: readonly PersonOut[];
  onEdit: (person: PersonOut) => void;
  onInvited: (invited: Invited) => void;
}) {
  const words = useWords();
  const w = words.admin;
  const now = useNow();
  return (
    <table className="dense">
      <thead>
        <tr>
          <th>{words.common.state}</th>
          <th>{w.name}</th>
          <th>{w.email}</th>
          <th>{w.roles}</th>
          <th>{w.facilities}</th>
          <th>{w.secondFactor}</th>
          <th>{w.lastSeen}</th>
          <th>
            <span className="sr">{w.edit}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.items.map((person) => (
          <tr key={person.id}>
            <td>
              <Tag tone={TONES[person.state]}>{w.personStates[person.state]}</Tag>
            </td>
            <td>
              <b>{person.name}</b> <span className="muted">{person.kana}</span>
            </td>
            <td>{person.email}</td>
            <td>{person.roles.map((role) => words.roles[role]).join('・')}</td>
            <td className="clip">
              {person.facilities.map(({ name }) => name).join('、') || words.common.none}
            </td>
            <td>{person.second_factor ? w.enrolled : <Tag tone="amber">{w.notEnrolled}</Tag>}</td>
            <td className="num muted">
              {person.last_seen_at ? whenText(person.last_seen_at, now, words.time) : '–'}
            </td>
            <td className="right">
              <PersonMenu person={person} onEdit={() => props.onEdit(person)} onInvited={props.onInvited} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function People() {
  const words = useWords();
  const w = words.admin;
  const query = useQuery({ queryKey: ['people'], queryFn: people.list });
  const [editing, setEditing] = useState<PersonOut | 'new' | null>(null);
  const [invited, setInvited] = useState<Invited | null>(null);
  const submit = async (form: PersonForm): Promise<void> => {
    const { email, ...change } = form;
    if (editing === 'new') {
      const made = await act('people', () => people.invite({ ...change, email }));
      if (!made) return;
      setInvited(made);
    } else if (editing) {
      const { id } = editing;
      if (!(await act('people', () => people.save(id, change), w.saved))) return;
    }
    setEditing(null);
  };
  return (
    <AdminPage
      title={w.people}
      query={query}
      acts={
        <Button variant="filled" onClick={() => setEditing('new')}>
          {w.invite}
        </Button>
      }
    >
      {(items) => (
        <>
          {items.length === 0 ? (
            <Empty title={w.noPeople}>{w.noPeopleLead}</Empty>
          ) : (
            <PeopleTable items={items} onEdit={setEditing} onInvited={setInvited} />
          )}
          {editing && (
            <PersonDialog
              person={editing === 'new' ? null : editing}
              onClose={() => setEditing(null)}
              onSubmit={submit}
            />
          )}
          {invited && (
            <Once
              title={w.inviteDone}
              lead={w.inviteOnce}
              secret={invited.invitation_url}
              note={w.inviteUntil(fullText(invited.expires_at))}
              onClose={() => setInvited(null)}
            />
          )}
        </>
      )}
    </AdminPage>
  );
}
