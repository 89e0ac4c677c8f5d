/** Sign-in through the hub's identity door. Bodies follow django-allauth headless, browser client. */
import { csrfToken, PATIENCE_MS, reach } from './client';
import { Problem } from './problem';

const BASE = '/_allauth/browser/v1';

export interface AuthAnswer {
  status: number;
  data?: Record<string, unknown>;
  meta?: Record<string, unknown>;
  errors?: { code: string; message: string; param?: string }[];
}

async function ask(method: string, path: string, body?: unknown): Promise<AuthAnswer> {
  const init: RequestInit = {
    method,
    headers: {
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(method === 'GET' ? {} : { 'X-CSRFToken': csrfToken() }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: 'same-origin',
    cache: 'no-store',
  };
  const answer = await reach(`${BASE}/${path}`, init, PATIENCE_MS);
  const parsed = (await answer.json().catch(() => ({}))) as Partial<AuthAnswer>;
  if (answer.status >= 500) throw new Problem(answer.status, `http.${answer.status}`, '');
  return { ...parsed, status: answer.status };
}

export interface Flow {
  id: string;
  is_pending?: boolean;
  types?: string[];
}

export const flowsOf = (answer: AuthAnswer): Flow[] =>
  Array.isArray(answer.data?.flows) ? (answer.data.flows as Flow[]) : [];

export const pendingFlow = (answer: AuthAnswer): Flow | undefined =>
  flowsOf(answer).find((flow) => flow.is_pending);

export const errorText = (answer: AuthAnswer): string => answer.errors?.[0]?.message ?? '';

export const auth = {
  session: () => ask('GET', 'auth/session'),
  signOut: () => ask('DELETE', 'auth/session'),
  login: (email: string, password: string) => ask('POST', 'auth/login', { email, password }),
  secondStep: (code: string) => ask('POST', 'auth/2fa/authenticate', { code }),
  reauthenticate: (code: string) => ask('POST', 'auth/2fa/reauthenticate', { code }),
  reauthenticatePassword: (password: string) => ask('POST', 'auth/reauthenticate', { password }),
  passkeyOptions: (act: 'login' | 'authenticate' | 'reauthenticate') => ask('GET', `auth/webauthn/${act}`),
  passkey: (act: 'login' | 'authenticate' | 'reauthenticate', credential: unknown) =>
    ask('POST', `auth/webauthn/${act}`, { credential }),
  authenticators: () => ask('GET', 'account/authenticators'),
  totpSecret: () => ask('GET', 'account/authenticators/totp'),
  enrolTotp: (code: string) => ask('POST', 'account/authenticators/totp', { code }),
  /* A passkey that is kept on the device and asks for finger, face or PIN: only such a one signs in without a password. */
  newPasskeyOptions: () => ask('GET', 'account/authenticators/webauthn?passwordless'),
  enrolPasskey: (name: string, credential: unknown) =>
    ask('POST', 'account/authenticators/webauthn', { name, credential, passwordless: true }),
  recoveryCodes: () => ask('GET', 'account/authenticators/recovery-codes'),
  newRecoveryCodes: () => ask('POST', 'account/authenticators/recovery-codes', {}),
};
