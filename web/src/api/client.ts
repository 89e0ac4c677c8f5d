import createClient from 'openapi-fetch';
import { Problem, problemFrom } from './problem';
import type { paths } from './schema';

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

/** How long a question may stay unanswered before the person is told. */
export const PATIENCE_MS = 20_000;

/**
 * `fetch`, except that a dead line is a Problem with status 0 and the line watcher hears of it. With a patience, a line
 * that stays silent for so long is as good as dead.
 */
export async function reach(
  target: string | Request,
  init: RequestInit = {},
  patienceMs = 0,
): Promise<Response> {
  const signal = target instanceof Request ? target.signal : init.signal;
  const late = new AbortController();
  const timer = patienceMs > 0 ? setTimeout(() => late.abort(), patienceMs) : undefined;
  try {
    const either = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
    const answer = await fetch(target, { ...init, signal: either });
    onAnswer(answer.status < 502 || answer.status > 504);
    return answer;
  } catch (error) {
    if (signal?.aborted) throw error;
    onAnswer(false);
    throw new Problem(0, 'line.down', '');
  } finally {
    clearTimeout(timer);
  }
}

/** A plane out of a thousand slices is drawn by the hub before it answers; it gives up by itself. */
const DRAWING_MS = 150_000;
const isDrawing = ({ method, url }: Request): boolean => method === 'POST' && url.endsWith('/figures');

/** Files take as long as they take; every other question is answered soon or not at all. */
const patienceFor = (request: Request): number => {
  if (request.headers.get('Content-Type')?.startsWith('multipart/')) return 0;
  return isDrawing(request) ? DRAWING_MS : PATIENCE_MS;
};

/** Sends a request; a refusal for want of elevation is answered once by asking the person, then the same act is tried again. */
async function send(request: Request, mayStepUp = true): Promise<Response> {
  if (request.method !== 'GET') request.headers.set('X-CSRFToken', csrfToken());
  const again = mayStepUp ? request.clone() : null;
  const answer = await reach(request, {}, patienceFor(request));
  if (answer.ok) return answer;

  const problem = await problemFrom(answer);
  if (problem.code === 'auth.elevation_required' && again) {
    if (await stepUp()) return send(again, false);
    throw new Problem(problem.status, 'auth.elevation_declined', problem.message, problem.body);
  }
  if (problem.code === 'auth.sign_in' || problem.code === 'auth.second_factor_required') onSignedOut();
  throw problem;
}

/** The hub by its OpenAPI: addresses, parameters and bodies are checked against it when this application is built. */
export const hub = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? '',
  fetch: (request) => send(request),
  credentials: 'same-origin',
  cache: 'no-store',
});

/** The body of an answer that came, in the narrower shape of the contract; refusals have been thrown before. */
export async function body<Out>(answer: Promise<{ data?: unknown }>): Promise<Out> {
  return (await answer).data as Out;
}
