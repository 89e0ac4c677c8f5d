/** 患者: who is held under which ID, put right and merged, and taken back. */
import { body, hub } from './client';
import type * as C from './contract';

const ofPatient = (patient_id: number) => ({ params: { path: { patient_id } } });
const ofMerge = (merge_id: number) => ({ params: { path: { merge_id } } });

export const patients = {
  find: (q: string, signal?: AbortSignal) =>
    body<C.PatientRows>(hub.GET('/api/v1/patients', { params: { query: { q } }, signal })),
  ofFacility: (q: string, facility_id: number, signal?: AbortSignal) =>
    body<C.PatientRows>(hub.GET('/api/v1/patients', { params: { query: { q, facility_id } }, signal })),
  get: (id: number, signal?: AbortSignal) =>
    body<C.PatientPage>(hub.GET('/api/v1/patients/{patient_id}', { ...ofPatient(id), signal })),
  studies: (id: number, signal?: AbortSignal) =>
    body<C.Page<C.StudyOut>>(hub.GET('/api/v1/patients/{patient_id}/studies', { ...ofPatient(id), signal })),
  requests: (patient_id: number, signal?: AbortSignal) =>
    body<C.Page<C.RequestOut>>(hub.GET('/api/v1/requests', { params: { query: { patient_id } }, signal })),
  correct: (id: number, wanted: C.CorrectIn) =>
    body<C.PatientPage>(
      hub.POST('/api/v1/patients/{patient_id}/corrections', { ...ofPatient(id), body: wanted }),
    ),
  undoCorrection: (correction_id: number, reason: string) =>
    body<C.PatientPage>(
      hub.POST('/api/v1/patients/corrections/{correction_id}/undo', {
        params: { path: { correction_id } },
        body: { reason },
      }),
    ),
  waiting: (signal?: AbortSignal) =>
    body<{ items: C.PatientMerge[] }>(hub.GET('/api/v1/patients/merges', { signal })),
  beside: (patient_id: number, merged_id: number, signal?: AbortSignal) =>
    body<C.PatientsBeside>(
      hub.GET('/api/v1/patients/{patient_id}/beside/{merged_id}', {
        params: { path: { patient_id, merged_id } },
        signal,
      }),
    ),
  merge: (id: number, merged_id: number, typed: string, reason: string) =>
    body<C.PatientPage>(
      hub.POST('/api/v1/patients/{patient_id}/merges', {
        ...ofPatient(id),
        body: { merged_id, typed, reason },
      }),
    ),
  confirmMerge: (id: number, typed: string, reason: string) =>
    body<C.PatientPage>(
      hub.POST('/api/v1/patients/merges/{merge_id}/confirm', { ...ofMerge(id), body: { typed, reason } }),
    ),
  declineMerge: (id: number, reason: string) =>
    body<C.PatientPage>(
      hub.POST('/api/v1/patients/merges/{merge_id}/decline', { ...ofMerge(id), body: { reason } }),
    ),
  undoMerge: (id: number, reason: string) =>
    body<C.PatientPage>(
      hub.POST('/api/v1/patients/merges/{merge_id}/undo', { ...ofMerge(id), body: { reason } }),
    ),
  elsewhere: (id: number, signal?: AbortSignal) =>
    body<C.ElsewhereStanding>(
      hub.GET('/api/v1/patients/{patient_id}/elsewhere', { ...ofPatient(id), signal }),
    ),
  seek: (id: number) =>
    body<{ items: C.ElsewhereCandidate[] }>(
      hub.POST('/api/v1/patients/{patient_id}/elsewhere/seek', ofPatient(id)),
    ),
  confirmLink: (id: number, said: C.ConfirmLinkIn) =>
    body<C.ElsewhereStanding>(
      hub.POST('/api/v1/patients/{patient_id}/elsewhere', { ...ofPatient(id), body: said }),
    ),
  revokeLink: (link_id: number, reason: string) =>
    body<C.ElsewhereStanding>(
      hub.POST('/api/v1/patient-links/{link_id}/revoke', { params: { path: { link_id } }, body: { reason } }),
    ),
  sharing: (facility_id: number, signal?: AbortSignal) =>
    body<C.Sharing>(
      hub.GET('/api/v1/facilities/{facility_id}/sharing', { params: { path: { facility_id } }, signal }),
    ),
  decideSharing: (facility_id: number, is_on: boolean, reason: string) =>
    body<C.Sharing>(
      hub.POST('/api/v1/facilities/{facility_id}/sharing', {
        params: { path: { facility_id } },
        body: { is_on, reason },
      }),
    ),
};
