/** Studies that were sent under another patient's ID: moved to whose they are, and back. */
import { body, hub } from './client';
import type * as C from './contract';

const ofMove = (move_id: number) => ({ params: { path: { move_id } } });

export const studyMoves = {
  waiting: (signal?: AbortSignal) =>
    body<{ items: C.StudyMove[] }>(hub.GET('/api/v1/study-moves', { signal })),
  of: (patient_id: number, signal?: AbortSignal) =>
    body<{ items: C.StudyMove[] }>(
      hub.GET('/api/v1/study-moves', { params: { query: { patient_id } }, signal }),
    ),
  beside: (study_id: number, target_id: number, signal?: AbortSignal) =>
    body<C.StudyBeside>(
      hub.GET('/api/v1/studies/{study_id}/beside/{target_id}', {
        params: { path: { study_id, target_id } },
        signal,
      }),
    ),
  move: (study_id: number, target_id: number, typed: string, reason: string) =>
    body<C.StudyMove>(
      hub.POST('/api/v1/studies/{study_id}/moves', {
        params: { path: { study_id } },
        body: { target_id, typed, reason },
      }),
    ),
  confirm: (id: number, typed: string, reason: string) =>
    body<C.StudyMove>(
      hub.POST('/api/v1/study-moves/{move_id}/confirm', { ...ofMove(id), body: { typed, reason } }),
    ),
  decline: (id: number, reason: string) =>
    body<C.StudyMove>(hub.POST('/api/v1/study-moves/{move_id}/decline', { ...ofMove(id), body: { reason } })),
  undo: (id: number, reason: string) =>
    body<C.StudyMove>(hub.POST('/api/v1/study-moves/{move_id}/undo', { ...ofMove(id), body: { reason } })),
};
