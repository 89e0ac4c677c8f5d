/** Every call the application makes to the hub, by room. No room builds an address by itself. */
import { get, post, put, remove } from './client';
import type * as C from './contract';

const v1 = '/api/v1';

export const me = {
  get: () => get<C.Me>(`${v1}/me`),
  sessions: () => get<C.SessionOut[]>(`${v1}/me/sessions`),
  endSession: (id: number | string) => remove(`${v1}/me/sessions/${id}`),
};

export const invitations = {
  get: (token: string) => get<C.InvitationOut>(`${v1}/invitations/${encodeURIComponent(token)}`),
  accept: (token: string, password: string) =>
    post<void>(`${v1}/invitations/${encodeURIComponent(token)}/accept`, { password }),
};

export const studies = {
  list: (query: { q?: string; without_request?: 1; limit?: number; offset?: number }) =>
    get<C.Page<C.StudyOut>>(`${v1}/studies`, query),
  get: (id: number) => get<C.StudyDetail>(`${v1}/studies/${id}`),
  images: (id: number) => get<C.ImagesOut>(`${v1}/studies/${id}/images`),
  upload: (files: readonly File[]) => {
    const form = new FormData();
    for (const file of files) form.append('files', file);
    return post<C.UploadOut>(`${v1}/studies/upload`, form);
  },
};

export const requests = {
  list: (query: { state?: string; q?: string }) => get<C.Page<C.RequestOut>>(`${v1}/requests`, query),
  get: (id: number) => get<C.RequestOut>(`${v1}/requests/${id}`),
  create: (request: C.RequestIn & { facility_id: number }) => post<C.RequestOut>(`${v1}/requests`, request),
  save: (id: number, request: C.RequestIn, revision: number) =>
    put<C.RequestOut>(`${v1}/requests/${id}`, { ...request, revision }),
  send: (id: number) => post<C.RequestOut>(`${v1}/requests/${id}/send`),
  cancel: (id: number, reason: string) => post<C.RequestOut>(`${v1}/requests/${id}/cancel`, { reason }),
  completeness: (request: C.RequestIn) => post<C.Completeness>(`${v1}/requests/completeness`, request),
};

export const readings = {
  list: (box: C.Box, q?: string) => get<C.ReadingList>(`${v1}/readings`, { box, q }),
  get: (id: number, signal?: AbortSignal) => get<C.ReadingDetail>(`${v1}/readings/${id}`, undefined, signal),
  next: () => post<C.ReadingRow>(`${v1}/readings/next`),
  claim: (id: number) => post<C.ReadingRow>(`${v1}/readings/${id}/claim`),
  release: (id: number, reason: string) => post<C.ReadingRow>(`${v1}/readings/${id}/release`, { reason }),
  renew: (id: number) => post<C.ReadingRow>(`${v1}/readings/${id}/renew`),
  images: (id: number, signal?: AbortSignal) =>
    get<C.ImagesOut>(`${v1}/readings/${id}/images`, undefined, signal),
  priorReports: (id: number, signal?: AbortSignal) =>
    get<C.PriorReport[]>(`${v1}/readings/${id}/prior-reports`, undefined, signal),
  report: (id: number, signal?: AbortSignal) =>
    get<C.ReportOut>(`${v1}/readings/${id}/report`, undefined, signal),
};

export const reports = {
  get: (id: number) => get<C.ReportFull>(`${v1}/reports/${id}`),
  saveDraft: (id: number, draft: C.DraftText) => put<C.DraftSaved>(`${v1}/reports/${id}/draft`, draft),
  sign: (id: number, revision: number, overrides: { code: string; reason: string }[]) =>
    post<C.ReportOut>(`${v1}/reports/${id}/sign`, { revision, overrides }),
  pdfAddress: (id: number, version: number) => `${v1}/reports/${id}/versions/${version}/pdf`,
};

export const deliveries = {
  list: (box: 'unconfirmed' | 'all', q?: string) =>
    get<{ items: C.DeliveryRow[]; counts: { unconfirmed: number; all: number } }>(`${v1}/deliveries`, {
      box,
      q,
    }),
  confirm: (confirmationId: number) => post<void>(`${v1}/confirmations/${confirmationId}/confirm`),
  act: (confirmationId: number, action: string) =>
    post<void>(`${v1}/confirmations/${confirmationId}/act`, { action }),
};

export interface PersonChange {
  name: string;
  kana: string;
  roles: C.Role[];
  facility_ids: number[];
}

export const people = {
  list: () => get<C.PersonOut[]>(`${v1}/people`),
  save: (id: number, change: PersonChange) => put<C.PersonOut>(`${v1}/people/${id}`, change),
  invite: (who: PersonChange & { email: string }) => post<C.Invited>(`${v1}/people/invite`, who),
  reinvite: (id: number) => post<C.Invited>(`${v1}/people/${id}/reinvite`),
  move: (id: number, act: 'suspend' | 'reinstate' | 'leave') =>
    post<C.PersonOut>(`${v1}/people/${id}/${act}`),
  endSessions: (id: number) => remove(`${v1}/people/${id}/sessions`),
};

export interface FacilityChange {
  name: string;
  phone: string;
  tiers: C.FacilityOut['tiers'];
  active: boolean;
}

export const facilities = {
  list: () => get<C.FacilityOut[]>(`${v1}/facilities`),
  create: (facility: FacilityChange & { code: string }) => post<C.FacilityOut>(`${v1}/facilities`, facility),
  save: (id: number, facility: FacilityChange) => put<C.FacilityOut>(`${v1}/facilities/${id}`, facility),
  addAeTitle: (id: number, title: string) => post<C.AeTitle>(`${v1}/facilities/${id}/ae-titles`, { title }),
  removeAeTitle: (id: number, aeTitleId: number) => remove(`${v1}/facilities/${id}/ae-titles/${aeTitleId}`),
};

export const tokens = {
  list: () => get<C.TokenOut[]>(`${v1}/tokens`),
  create: (token: { name: string; facility_id: number; permissions: string[]; expires_in_days: number }) =>
    post<C.TokenOut & { token: string }>(`${v1}/tokens`, token),
  revoke: (id: number) => remove(`${v1}/tokens/${id}`),
};

export interface AuditQuery {
  by?: string;
  event?: string;
  patient_id?: number;
  limit?: number;
  before?: number;
}

export const audit = {
  list: (query: AuditQuery) =>
    get<{ items: C.AuditItem[]; next_before: number | null }>(`${v1}/audit`, { ...query }),
  verify: () => post<C.AuditVerdict>(`${v1}/audit/verify`),
};

export const office = {
  quarantine: () => get<{ items: C.QuarantineItem[] }>(`${v1}/quarantine`),
  status: () => get<C.StatusOut>(`${v1}/status`),
};
