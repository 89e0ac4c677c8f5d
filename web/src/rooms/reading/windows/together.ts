/** Which windows of the case are there, and whether this one may show anything. A pure function of what happened. */
import {
  type Closing,
  type Differs,
  differing,
  type Identity,
  type Message,
  type Role,
  type Say,
} from './protocol';

export interface Peer {
  role: Role;
  session: string;
  page: string;
}

export type Blank =
  | { why: 'mismatch'; differs: readonly Differs[] }
  | { why: 'closed'; how: Closing }
  | { why: 'gone' }
  | { why: 'taken' };

export interface Together {
  own: { identity: Identity; role: Role; session: string };
  peers: readonly Peer[];
  blank: Blank | null;
  /** The document of the main window, also after it closed the case: it may open the next one. */
  mainPage: string | null;
}

export type Happening =
  | { type: 'heard'; message: Message }
  /** The browser says that the window with this session is no more. */
  | { type: 'lost'; session: string }
  /** No main window answered in time. */
  | { type: 'alone' }
  | { type: 'taken' }
  /** The hub holds something else than stands on this window. */
  | { type: 'disagreed'; differs: readonly Differs[] };

/** What follows: the new state, what is answered, and whether the message may be acted on. */
export interface Outcome {
  state: Together;
  answers: readonly Say[];
  mayAct: boolean;
}

export const begin = (identity: Identity, role: Role, session: string): Together => ({
  own: { identity, role, session },
  peers: [],
  blank: null,
  mainPage: null,
});

/** Stronger reasons are not replaced by weaker ones: a mismatch stays until somebody has looked. */
const RANK = { gone: 1, closed: 2, taken: 3, mismatch: 4 };
const blanked = (now: Blank | null, next: Blank): Blank =>
  now && RANK[now.why] >= RANK[next.why] ? now : next;

const still = (state: Together): Outcome => ({ state, answers: [], mayAct: false });

export const mainOf = ({ peers }: Together): Peer | null => peers.find(({ role }) => role === 'main') ?? null;
export const has = ({ peers }: Together, role: Role): boolean => peers.some((one) => one.role === role);

function without(state: Together, session: string): Together {
  const gone = state.peers.find((one) => one.session === session);
  if (!gone) return state;
  const peers = state.peers.filter((one) => one !== gone);
  const isOrphan = gone.role === 'main' && state.own.role !== 'main';
  return { ...state, peers, blank: isOrphan ? blanked(state.blank, { why: 'gone' }) : state.blank };
}

function joined(state: Together, { from, role }: Message, page: string): Together {
  const peer: Peer = { role, session: from, page };
  const peers = [...state.peers.filter((one) => one.session !== from && one.role !== role), peer];
  const isBack = role === 'main' && state.blank?.why === 'gone';
  return {
    ...state,
    peers,
    blank: isBack ? null : state.blank,
    mainPage: role === 'main' ? page : state.mainPage,
  };
}

/** Words of a window that agrees in everything. */
function believed(state: Together, message: Message): Outcome {
  const { say, from, role } = message;
  const { own } = state;
  switch (say.kind) {
    case 'hello':
      return { state: joined(state, message, say.page), answers: [{ kind: 'here', page: '' }], mayAct: true };
    case 'here':
      return { state: joined(state, message, say.page), answers: [], mayAct: true };
    case 'bye':
      return { state: without(state, from), answers: [], mayAct: true };
    case 'blank':
      return still({ ...state, blank: blanked(state.blank, { why: 'mismatch', differs: say.differs }) });
    case 'closed':
      if (own.role === 'main' || role !== 'main') return still(state);
      return still({ ...without(state, from), blank: blanked(state.blank, { why: 'closed', how: say.how }) });
    case 'signed':
      if (own.role === 'main') return { state, answers: [], mayAct: state.blank === null };
      return still({ ...state, blank: blanked(state.blank, { why: 'closed', how: 'signed' }) });
    default: {
      /* What was written or drawn is taken in by its keeper whatever the keeper shows; a mismatch alone stops it. */
      const isWork = ['draft', 'marks-change', 'figure', 'report-ask', 'report-give'].includes(say.kind);
      return { state, answers: [], mayAct: state.blank === null || (isWork && state.blank.why === 'gone') };
    }
  }
}

export function happen(state: Together, what: Happening): Outcome {
  if (what.type === 'lost') return still(without(state, what.session));
  if (what.type === 'taken') return still({ ...state, blank: blanked(state.blank, { why: 'taken' }) });
  if (what.type === 'disagreed') {
    const { differs } = what;
    const blank = blanked(state.blank, { why: 'mismatch', differs });
    return { state: { ...state, blank }, answers: [{ kind: 'blank', differs }], mayAct: false };
  }
  if (what.type === 'alone')
    return still(mainOf(state) ? state : { ...state, blank: blanked(state.blank, { why: 'gone' }) });
  const { message } = what;
  if (message.from === state.own.session) return still(state);
  const differs = differing(state.own.identity, message.identity);
  if (differs.length > 0) {
    const isNew = state.blank?.why !== 'mismatch';
    return {
      state: { ...state, blank: blanked(state.blank, { why: 'mismatch', differs }) },
      answers: isNew ? [{ kind: 'blank', differs }] : [],
      mayAct: false,
    };
  }
  if (state.blank?.why === 'mismatch') return still(state);
  return believed(state, message);
}
