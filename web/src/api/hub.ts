/** Every call the application makes to the hub, by room. No room builds an address by itself. */
import { body, hub } from './client';
import type * as C from './contract';

export const me = {
  get: (): Promise<C.Me> => body(hub.GET('/api/v1/me')),
  preferences: (): Promise<C.KeptPreferences> => body(hub.GET('/api/v1/me/preferences')),
  savePreferences: (kept: C.KeptPreferences): Promise<C.KeptPreferences> =>
    body(hub.PUT('/api/v1/me/preferences', { body: kept })),
  sessions: (): Promise<C.SessionOut[]> => body(hub.GET('/api/v1/me/sessions')),
  endSession: (session_id: number) =>
    body(hub.DELETE('/api/v1/me/sessions/{session_id}', { params: { path: { session_id } } })),
};

const protocol = (protocol_id: number) => ({ params: { path: { protocol_id } } });

export const hangingProtocols = {
  list: async (): Promise<C.SharedProtocol[]> => {
    const { items } = await body<{ items: C.SharedProtocol[] }>(hub.GET('/api/v1/hanging-protocols'));
    return items;
  },
  share: (one: C.HangingProtocol): Promise<C.SharedProtocol> =>
    body(hub.POST('/api/v1/hanging-protocols', { body: { protocol: one } })),
  change: (id: number, one: C.HangingProtocol, revision: number): Promise<C.SharedProtocol> =>
    body(
      hub.PUT('/api/v1/hanging-protocols/{protocol_id}', {
        ...protocol(id),
        body: { protocol: one, revision },
      }),
    ),
  remove: (id: number) => body(hub.DELETE('/api/v1/hanging-protocols/{protocol_id}', protocol(id))),
};

export const invitations = {
  get: (secret: string): Promise<C.InvitationOut> =>
    body(hub.GET('/api/v1/invitations/{secret}', { params: { path: { secret } } })),
  accept: (secret: string, password: string) =>
    body(
      hub.POST('/api/v1/invitations/{secret}/accept', { params: { path: { secret } }, body: { password } }),
    ),
};

function filesForm(files: readonly File[]): FormData {
  const form = new FormData();
  for (const file of files) form.append('files', file);
  return form;
}

export const studies = {
  list: (query: { q?: string; without_request?: boolean; limit?: number; offset?: number }) =>
    body<C.Page<C.StudyOut>>(hub.GET('/api/v1/studies', { params: { query } })),
  get: (study_id: number) =>
    body<C.StudyDetail>(hub.GET('/api/v1/studies/{study_id}', { params: { path: { study_id } } })),
  resolve: (study_id: number, reason: string) =>
    body<C.StudyOut>(
      hub.POST('/api/v1/studies/{study_id}/resolve', { params: { path: { study_id } }, body: { reason } }),
    ),
  images: (study_id: number, signal?: AbortSignal) =>
    body<C.ImagesOut>(
      hub.GET('/api/v1/studies/{study_id}/images', { params: { path: { study_id } }, signal }),
    ),
  upload: (files: readonly File[], facility_id?: number): Promise<C.UploadOut> =>
    body(
      hub.POST('/api/v1/studies/upload', {
        params: { query: { facility_id } },
        body: { files: [] },
        bodySerializer: () => filesForm(files),
      }),
    ),
};

const request = (request_id: number) => ({ params: { path: { request_id } } });

export const requests = {
  list: (query: { state?: string; q?: string }) =>
    body<C.Page<C.RequestOut>>(hub.GET('/api/v1/requests', { params: { query } })),
  get: (id: number) => body<C.RequestOut>(hub.GET('/api/v1/requests/{request_id}', request(id))),
  create: (content: C.RequestIn & { facility_id: number }) =>
    body<C.RequestOut>(hub.POST('/api/v1/requests', { body: content })),
  /** Patients of a facility whose ID or name begins so, however it is typed. */
  knownPatients: (facility_id: number, q: string, signal?: AbortSignal) =>
    body<C.PatientOut[]>(
      hub.GET('/api/v1/patients/known', { params: { query: { facility_id, q } }, signal }),
    ),
  earlier: (id: number) => body<C.Earlier>(hub.GET('/api/v1/requests/{request_id}/earlier', request(id))),
  save: (id: number, content: C.RequestIn, revision: number) =>
    body<C.RequestOut>(
      hub.PUT('/api/v1/requests/{request_id}', { ...request(id), body: { ...content, revision } }),
    ),
  send: (id: number) => body<C.RequestOut>(hub.POST('/api/v1/requests/{request_id}/send', request(id))),
  change: (id: number, content: C.RequestIn, revision: number) =>
    body<C.RequestOut>(
      hub.POST('/api/v1/requests/{request_id}/change', { ...request(id), body: { ...content, revision } }),
    ),
  cancel: (id: number, reason: string) =>
    body<C.RequestOut>(
      hub.POST('/api/v1/requests/{request_id}/cancel', { ...request(id), body: { reason } }),
    ),
};

const reading = (reading_id: number, signal?: AbortSignal) => ({ params: { path: { reading_id } }, signal });

export const readings = {
  list: (box: C.Box) => body<C.ReadingList>(hub.GET('/api/v1/readings', { params: { query: { box } } })),
  get: (id: number, signal?: AbortSignal) =>
    body<C.ReadingDetail>(hub.GET('/api/v1/readings/{reading_id}', reading(id, signal))),
  next: () => body<C.ReadingDetail>(hub.POST('/api/v1/readings/next')),
  claim: (id: number) => body<C.ReadingDetail>(hub.POST('/api/v1/readings/{reading_id}/claim', reading(id))),
  release: (id: number, reason: string) =>
    body<C.ReadingRow>(
      hub.POST('/api/v1/readings/{reading_id}/release', { ...reading(id), body: { reason } }),
    ),
  renew: (id: number) => body<C.ReadingRow>(hub.POST('/api/v1/readings/{reading_id}/renew', reading(id))),
  images: (id: number, signal?: AbortSignal) =>
    body<C.ImagesOut>(hub.GET('/api/v1/readings/{reading_id}/images', reading(id, signal))),
  /** The images of the reading that would be given next, for who holds this one; null when none waits. */
  ahead: async (id: number, signal?: AbortSignal): Promise<C.ImagesOut | null> => {
    const answer = await body<{ images: C.ImagesOut | null }>(
      hub.POST('/api/v1/readings/{reading_id}/ahead', reading(id, signal)),
    );
    return answer.images;
  },
  /** The images of a reading that may be claimed, before it is. */
  prepare: (id: number, signal?: AbortSignal) =>
    body<C.ImagesOut>(hub.POST('/api/v1/readings/{reading_id}/prepare', reading(id, signal))),
  priors: (id: number, signal?: AbortSignal): Promise<C.PriorList> =>
    body(hub.GET('/api/v1/readings/{reading_id}/priors', reading(id, signal))),
  /** One prior is fetched from the facility's archive; without one the archive is asked again. */
  fetchPrior: (id: number, candidate_id: number | null): Promise<C.PriorList> =>
    body(hub.POST('/api/v1/readings/{reading_id}/priors/fetch', { ...reading(id), body: { candidate_id } })),
  priorReports: (id: number, signal?: AbortSignal): Promise<C.PriorReport[]> =>
    body(hub.GET('/api/v1/readings/{reading_id}/prior-reports', reading(id, signal))),
  report: (id: number, signal?: AbortSignal) =>
    body<C.ReportOut>(hub.GET('/api/v1/readings/{reading_id}/report', reading(id, signal))),
  marks: (id: number, signal?: AbortSignal) =>
    body<C.MarksOut>(hub.GET('/api/v1/readings/{reading_id}/marks', reading(id, signal))),
  saveMarks: (id: number, marks: C.KeptMarks) =>
    body<C.MarksSaved>(hub.PUT('/api/v1/readings/{reading_id}/marks', { ...reading(id), body: marks })),
};

const report = (report_id: number) => ({ params: { path: { report_id } } });

export const reports = {
  get: (id: number) => body<C.ReportFull>(hub.GET('/api/v1/reports/{report_id}', report(id))),
  saveDraft: (id: number, draft: C.DraftText) =>
    body<C.DraftSaved>(hub.PUT('/api/v1/reports/{report_id}/draft', { ...report(id), body: draft })),
  sign: (
    id: number,
    seen: C.SignedSight & { revision: number },
    overrides: { code: string; reason: string }[],
  ) =>
    body<C.ReportOut>(
      hub.POST('/api/v1/reports/{report_id}/sign', { ...report(id), body: { ...seen, overrides } }),
    ),
  figures: (id: number) => body<C.Figures>(hub.GET('/api/v1/reports/{report_id}/figures', report(id))),
  addFigure: (id: number, key: string, recipe: C.Recipe) =>
    body<C.Figures>(
      hub.POST('/api/v1/reports/{report_id}/figures', { ...report(id), body: { key, recipe } }),
    ),
  arrangeFigures: (id: number, revision: number, items: { id: number; caption: string }[]) =>
    body<C.Figures>(
      hub.PUT('/api/v1/reports/{report_id}/figures', { ...report(id), body: { revision, items } }),
    ),
  removeFigure: (report_id: number, figure_id: number) =>
    body<C.Figures>(
      hub.DELETE('/api/v1/reports/{report_id}/figures/{figure_id}', {
        params: { path: { report_id, figure_id } },
      }),
    ),
};

const confirmation = (confirmation_id: number) => ({ params: { path: { confirmation_id } } });

export const deliveries = {
  list: (box: 'unconfirmed' | 'all', q?: string) =>
    body<{
      items: C.DeliveryRow[];
      counts: { unconfirmed: number; all: number };
    }>(hub.GET('/api/v1/deliveries', { params: { query: { box, q } } })),
  confirm: (id: number) =>
    body(hub.POST('/api/v1/confirmations/{confirmation_id}/confirm', confirmation(id))),
  act: (id: number, action: string) =>
    body(hub.POST('/api/v1/confirmations/{confirmation_id}/act', { ...confirmation(id), body: { action } })),
};

export interface PersonChange {
  name: string;
  kana: string;
  roles: C.Role[];
  facility_ids: number[];
}

const person = (person_id: number) => ({ params: { path: { person_id } } });

export const people = {
  list: () => body<C.PersonOut[]>(hub.GET('/api/v1/people')),
  save: (id: number, change: PersonChange) =>
    body<C.PersonOut>(hub.PUT('/api/v1/people/{person_id}', { ...person(id), body: change })),
  invite: (who: PersonChange & { email: string }) =>
    body<C.Invited>(hub.POST('/api/v1/people/invite', { body: who })),
  reinvite: (id: number) => body<C.Invited>(hub.POST('/api/v1/people/{person_id}/reinvite', person(id))),
  move: (person_id: number, act: 'suspend' | 'reinstate' | 'leave') =>
    body(hub.POST('/api/v1/people/{person_id}/{act}', { params: { path: { person_id, act } } })),
  endSessions: (id: number) => body(hub.DELETE('/api/v1/people/{person_id}/sessions', person(id))),
};

export interface FacilityChange {
  name: string;
  phone: string;
  tiers: C.FacilityOut['tiers'];
  active: boolean;
}

const facility = (facility_id: number) => ({ params: { path: { facility_id } } });

export const facilities = {
  list: () => body<C.FacilityOut[]>(hub.GET('/api/v1/facilities')),
  create: (change: FacilityChange & { code: string }) =>
    body<C.FacilityOut>(hub.POST('/api/v1/facilities', { body: change })),
  save: (id: number, change: FacilityChange) =>
    body<C.FacilityOut>(hub.PUT('/api/v1/facilities/{facility_id}', { ...facility(id), body: change })),
  aeTitles: (id: number): Promise<C.AeTitle[]> =>
    body(hub.GET('/api/v1/facilities/{facility_id}/ae-titles', facility(id))),
  addAeTitle: (id: number, change: C.AeTitleChange) =>
    body(hub.POST('/api/v1/facilities/{facility_id}/ae-titles', { ...facility(id), body: change })),
  removeAeTitle: (facility_id: number, ae_title_id: number) =>
    body(
      hub.DELETE('/api/v1/facilities/{facility_id}/ae-titles/{ae_title_id}', {
        params: { path: { facility_id, ae_title_id } },
      }),
    ),
  hl7: (id: number): Promise<C.Hl7Connection[]> =>
    body(hub.GET('/api/v1/facilities/{facility_id}/hl7-connections', facility(id))),
  connectHl7: (id: number, change: C.Hl7ConnectionChange) =>
    body<C.Hl7Connection[]>(
      hub.POST('/api/v1/facilities/{facility_id}/hl7-connections', { ...facility(id), body: change }),
    ),
  disconnectHl7: (facility_id: number, connection_id: number) =>
    body(
      hub.DELETE('/api/v1/facilities/{facility_id}/hl7-connections/{connection_id}', {
        params: { path: { facility_id, connection_id } },
      }),
    ),
};

/** Which priors a facility's readings want, and what a change would have meant. */
export const priorRules = {
  of: (id: number) =>
    body<C.PriorTables>(hub.GET('/api/v1/facilities/{facility_id}/prior-rules', facility(id))),
  preview: (id: number, table: C.PriorTable) =>
    body<C.PriorPreview>(
      hub.POST('/api/v1/facilities/{facility_id}/prior-rules/preview', { ...facility(id), body: { table } }),
    ),
  decide: (id: number, table: C.PriorTable, effective_from: string, reason: string) =>
    body<C.PriorTables>(
      hub.POST('/api/v1/facilities/{facility_id}/prior-rules', {
        ...facility(id),
        body: { table, effective_from, reason },
      }),
    ),
};

/** What requests are scored by, and what a change would have meant. */
export const requestRules = {
  of: (id: number) =>
    body<C.RuleTables>(hub.GET('/api/v1/facilities/{facility_id}/request-rules', facility(id))),
  preview: (id: number, table: C.RuleTable) =>
    body<C.RulePreview>(
      hub.POST('/api/v1/facilities/{facility_id}/request-rules/preview', {
        ...facility(id),
        body: { table },
      }),
    ),
  priorStates: (id: number): Promise<C.PriorStates> =>
    body(hub.GET('/api/v1/facilities/{facility_id}/prior-states', facility(id))),
  coaching: (id: number) =>
    body<C.Coaching>(hub.GET('/api/v1/facilities/{facility_id}/request-coaching', facility(id))),
  decide: (decision: C.RuleDecision) =>
    body<{ decided: number }>(hub.POST('/api/v1/request-rules', { body: decision })),
};

const viewer = (viewer_id: number) => ({ params: { path: { viewer_id } } });

export const viewers = {
  list: async (): Promise<C.Viewer[]> => {
    const { items } = await body<{ items: C.Viewer[] }>(hub.GET('/api/v1/viewers'));
    return items;
  },
  add: (one: C.ViewerChange) => body<C.Viewer>(hub.POST('/api/v1/viewers', { body: one })),
  change: (id: number, one: C.ViewerChange, revision: number) =>
    body<C.Viewer>(hub.PUT('/api/v1/viewers/{viewer_id}', { ...viewer(id), body: { ...one, revision } })),
  remove: (viewer_id: number, revision: number) =>
    body(hub.DELETE('/api/v1/viewers/{viewer_id}', { params: { path: { viewer_id }, query: { revision } } })),
};

export interface LaunchingOut {
  viewers: C.Launchable[];
  launches: C.Launch[];
}

/** Opening a case's study in a viewer elsewhere, from a reading or from a facility's own study. */
export const launches = {
  of: (kind: 'reading' | 'study', id: number, signal?: AbortSignal): Promise<LaunchingOut> =>
    kind === 'reading'
      ? body(hub.GET('/api/v1/readings/{reading_id}/launches', reading(id, signal)))
      : body(hub.GET('/api/v1/studies/{study_id}/launches', { params: { path: { study_id: id } }, signal })),
  open: (
    kind: 'reading' | 'study',
    id: number,
    asked: C.LaunchAsked,
  ): Promise<{ url: string; launch: C.Launch }> =>
    kind === 'reading'
      ? body(hub.POST('/api/v1/readings/{reading_id}/launch', { ...reading(id), body: asked }))
      : body(
          hub.POST('/api/v1/studies/{study_id}/launch', { params: { path: { study_id: id } }, body: asked }),
        ),
  clear: (launch_id: number, revision: number): Promise<C.Launch> =>
    body(
      hub.POST('/api/v1/launches/{launch_id}/clear', {
        params: { path: { launch_id }, query: { revision } },
      }),
    ),
};

export const tokens = {
  list: (): Promise<C.TokenOut[]> => body(hub.GET('/api/v1/tokens')),
  create: (token: {
    name: string;
    facility_id: number;
    permissions: string[];
    expires_in_days: number;
  }): Promise<C.TokenOut> => body(hub.POST('/api/v1/tokens', { body: token })),
  revoke: (token_id: number) =>
    body(hub.DELETE('/api/v1/tokens/{token_id}', { params: { path: { token_id } } })),
};

export interface AuditQuery {
  by?: string;
  event?: string;
  patient_id?: number;
  limit?: number;
  before?: number;
}

export const audit = {
  list: (query: AuditQuery): Promise<{ items: C.AuditItem[]; next_before: number | null }> =>
    body(hub.GET('/api/v1/audit', { params: { query } })),
  verify: (): Promise<C.AuditVerdict> => body(hub.POST('/api/v1/audit/verify')),
};

export const office = {
  quarantine: (): Promise<{ items: C.QuarantineItem[] }> => body(hub.GET('/api/v1/quarantine')),
  unlisted: (): Promise<{ items: C.UnlistedItem[] }> => body(hub.GET('/api/v1/unlisted')),
  retryUnlisted: (unlisted_id: number): Promise<C.UnlistedItem> =>
    body(hub.POST('/api/v1/unlisted/{unlisted_id}/retry', { params: { path: { unlisted_id } } })),
  hl7: (): Promise<{ items: C.Hl7MessageItem[] }> => body(hub.GET('/api/v1/hl7/messages')),
  hl7Text: (message_id: number): Promise<{ text: string }> =>
    body(hub.GET('/api/v1/hl7/messages/{message_id}/text', { params: { path: { message_id } } })),
  hl7Retry: (message_id: number): Promise<C.Hl7MessageItem> =>
    body(hub.POST('/api/v1/hl7/messages/{message_id}/retry', { params: { path: { message_id } } })),
  hl7Dismiss: (message_id: number, reason: string): Promise<C.Hl7MessageItem> =>
    body(
      hub.POST('/api/v1/hl7/messages/{message_id}/dismiss', {
        params: { path: { message_id } },
        body: { reason },
      }),
    ),
  fhir: (): Promise<{ items: C.FhirSubmissionItem[] }> => body(hub.GET('/api/v1/fhir/submissions')),
  fhirText: (submission_id: number): Promise<{ text: string }> =>
    body(hub.GET('/api/v1/fhir/submissions/{submission_id}/text', { params: { path: { submission_id } } })),
  fhirDismiss: (submission_id: number, reason: string): Promise<C.FhirSubmissionItem> =>
    body(
      hub.POST('/api/v1/fhir/submissions/{submission_id}/dismiss', {
        params: { path: { submission_id } },
        body: { reason },
      }),
    ),
  alarms: (): Promise<{ items: C.Alarm[] }> => body(hub.GET('/api/v1/alarms')),
  status: (): Promise<C.StatusOut> => body(hub.GET('/api/v1/status')),
};
