import { body, hub } from './client';
import type * as C from './contract';

const certificate = (certificate_id: number) => ({ params: { path: { certificate_id } } });

export const reconciliation = {
  now: (facility_id: number, signal?: AbortSignal): Promise<C.Reconciliation> =>
    body(hub.GET('/api/v1/reconciliation', { params: { query: { facility_id } }, signal })),
  newest: (signal?: AbortSignal): Promise<{ items: C.Certificate[] }> =>
    body(hub.GET('/api/v1/reconciliation/newest', { signal })),
  explain: (told: { facility_id: number; kind: C.LooseEnd['kind']; object_id: number; reason: string }) =>
    body(hub.POST('/api/v1/reconciliation/explanations', { body: told })),
  takeBack: (explanation_id: number) =>
    body(
      hub.POST('/api/v1/reconciliation/explanations/{explanation_id}/end', {
        params: { path: { explanation_id } },
      }),
    ),
  send: (id: number) => body(hub.POST('/api/v1/certificates/{certificate_id}/send', certificate(id))),
  take: (id: number) => body(hub.POST('/api/v1/certificates/{certificate_id}/take', certificate(id))),
  documentUrl: (id: number): string => `/api/v1/certificates/${id}/document`,
};
