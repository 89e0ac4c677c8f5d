import { Problem, problemFrom } from './problem';

type Query = Record<string, string | number | boolean | null | undefined>;

interface Call {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

type StepUp = () => Promise<boolean>;

let stepUp: StepUp = async () => false;
let onSignedOut: () => void = () => undefined;
let onAnswer: (reached: boolean) => void = () => undefined;

/** The shell says how a person proves themselves again, what happens when the session is over, and who watches the line. */
export function wireClient(wiring: {
  stepUp?: StepUp;
  onSignedOut?: () => void;
  onAnswer?: (reached: boolean) => void;
}): void {
  stepUp = wiring.stepUp ?? stepUp;
  onSignedOut = wiring.onSignedOut ?? onSignedOut;
  onAnswer = wiring.onAnswer ?? onAnswer;
}

export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? '';
}

function address(path: string, query: Query = {}): string {
  const filled = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const search = new URLSearchParams(filled.map(([key, value]) => [key, String(value)]));
  return search.size ? `${path}?${search}` : path;
}

function requestInit(method: string, { body, signal }: Call): RequestInit {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-CSRFToken'] = csrfToken();
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers['Content-Type'] = 'application/json';
  const payload = isForm ? body : body === undefined ? undefined : JSON.stringify(body);
  return { method, headers, body: payload, signal, credentials: 'same-origin', cache: 'no-store' };
}

/** `fetch`, except that a dead line is a Problem with status 0 and the line watcher hears of it. */
export async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(path, init);
    onAnswer(answer.status < 502 || answer.status > 504);
    return answer;
  } catch (error) {
    if (init.signal?.aborted) throw error;
    onAnswer(false);
    throw new Problem(0, 'line.down', '');
  }
}

async function send<Out>(method: string, path: string, call: Call, mayStepUp = true): Promise<Out> {
  const answer = await reach(address(path, call.query), requestInit(method, call));
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as Out;

  const problem = await problemFrom(answer);
  if (problem.code === 'auth.elevation_required' && mayStepUp) {
    if (await stepUp()) return send<Out>(method, path, call, false);
    throw new Problem(problem.status, 'auth.elevation_declined', problem.message, problem.body);
  }
  if (problem.code === 'auth.sign_in' || problem.code === 'auth.second_factor_required') onSignedOut();
  throw problem;
}

export const get = <Out>(path: string, query?: Query, signal?: AbortSignal): Promise<Out> =>
  send<Out>('GET', path, { query, signal });
export const post = <Out>(path: string, body?: unknown): Promise<Out> =>
  send<Out>('POST', path, { body: body ?? {} });
export const put = <Out>(path: string, body: unknown): Promise<Out> => send<Out>('PUT', path, { body });
export const remove = <Out = void>(path: string): Promise<Out> => send<Out>('DELETE', path, {});
