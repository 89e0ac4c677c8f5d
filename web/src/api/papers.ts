/** 紙の依頼: slips that came as PDF, scan, photograph or fax. */
import { body, hub } from './client';
import type * as C from './contract';

const of = (paper_id: number) => ({ params: { path: { paper_id } } });

export interface HandIn {
  files: readonly File[];
  facility_id?: number;
  note: string;
  is_emergency: boolean;
  is_one: boolean;
}

function form({ files, facility_id, note, is_emergency, is_one }: HandIn): FormData {
  const made = new FormData();
  for (const file of files) made.append('files', file);
  if (facility_id) made.append('facility_id', String(facility_id));
  made.append('note', note);
  made.append('is_emergency', String(is_emergency));
  made.append('is_one', String(is_one));
  return made;
}

export type PutAway = 'again' | 'return' | 'reject' | 'reopen';

export const papers = {
  list: (box: 'open' | 'ended', signal?: AbortSignal) =>
    body<C.PaperList>(hub.GET('/api/v1/papers', { params: { query: { box } }, signal })),
  get: (id: number, signal?: AbortSignal) =>
    body<C.PaperFull>(hub.GET('/api/v1/papers/{paper_id}', { ...of(id), signal })),
  handIn: (given: HandIn) =>
    body<C.PaperTaken>(
      hub.POST('/api/v1/papers', {
        body: { files: [], note: '', is_emergency: false, is_one: true },
        bodySerializer: () => form(given),
      }),
    ),
  claim: (id: number) => body<C.PaperFull>(hub.POST('/api/v1/papers/{paper_id}/claim', of(id))),
  renew: (id: number) => body<C.PaperFull>(hub.POST('/api/v1/papers/{paper_id}/renew', of(id))),
  release: (id: number) => body<C.PaperFull>(hub.POST('/api/v1/papers/{paper_id}/release', of(id))),
  write: (id: number, fields: C.PaperFields, confirmed: string[], revision: number) =>
    body<C.PaperFull>(
      hub.PUT('/api/v1/papers/{paper_id}/draft', { ...of(id), body: { fields, confirmed, revision } }),
    ),
  submit: (id: number, revision: number) =>
    body<C.PaperFull>(hub.POST('/api/v1/papers/{paper_id}/submit', { ...of(id), body: { revision } })),
  sendNow: (id: number, revision: number) =>
    body<C.PaperFull>(hub.POST('/api/v1/papers/{paper_id}/send-now', { ...of(id), body: { revision } })),
  confirm: (id: number, fields: C.PaperFields, confirmed: string[], revision: number, reason: string) =>
    body<C.PaperFull>(
      hub.POST('/api/v1/papers/{paper_id}/confirm', {
        ...of(id),
        body: { fields, confirmed, revision, reason },
      }),
    ),
  putAway: (id: number, act: PutAway, reason: string) =>
    body<C.PaperFull>(hub.POST(`/api/v1/papers/{paper_id}/${act}`, { ...of(id), body: { reason } })),
  join: (id: number, request_id: number, reason: string) =>
    body<C.PaperFull>(
      hub.POST('/api/v1/papers/{paper_id}/join', { ...of(id), body: { request_id, reason } }),
    ),
};

/** Where a page's picture is: of a reading for its reader, else of the paper itself. */
export const pageAddress = (paper: number, page: number, reading?: number): string =>
  reading
    ? `/api/v1/readings/${reading}/papers/${paper}/pages/${page}`
    : `/api/v1/papers/${paper}/pages/${page}`;
