/** 照合: requests and the images that may belong to them. */
import { body, hub } from './client';
import type * as C from './contract';

const ofCase = (case_id: number) => ({ params: { path: { case_id } } });

export const resolution = {
  list: (box: C.CaseBox, signal?: AbortSignal) =>
    body<C.CaseList>(hub.GET('/api/v1/resolution', { params: { query: { box } }, signal })),
  get: (id: number, signal?: AbortSignal) =>
    body<C.CaseFull>(hub.GET('/api/v1/resolution/{case_id}', { ...ofCase(id), signal })),
  search: (id: number, q: string, signal?: AbortSignal) =>
    body<{ items: C.CasePair[] }>(
      hub.GET('/api/v1/resolution/{case_id}/studies', {
        params: { path: { case_id: id }, query: { q } },
        signal,
      }),
    ),
  /** The case of a request that has none yet: somebody wants to look for its images. */
  begin: (request_id: number) =>
    body<C.CaseFull>(
      hub.POST('/api/v1/requests/{request_id}/resolution', { params: { path: { request_id } } }),
    ),
  link: (id: number, study_id: number, revision: number, reason: string) =>
    body<C.CaseFull>(
      hub.POST('/api/v1/resolution/{case_id}/link', { ...ofCase(id), body: { study_id, revision, reason } }),
    ),
  /** Without any study named: none of those that are shown. */
  dismiss: (id: number, study_ids: number[], revision: number, reason: string) =>
    body<C.CaseFull>(
      hub.POST('/api/v1/resolution/{case_id}/dismiss', {
        ...ofCase(id),
        body: { study_ids, revision, reason },
      }),
    ),
  part: (id: number, study_id: number, revision: number, reason: string) =>
    body<C.CaseFull>(
      hub.POST('/api/v1/resolution/{case_id}/part', { ...ofCase(id), body: { study_id, revision, reason } }),
    ),
  release: (id: number, revision: number, reason: string) =>
    body<C.CaseFull>(
      hub.POST('/api/v1/resolution/{case_id}/release', { ...ofCase(id), body: { revision, reason } }),
    ),
};
