/** 定型: what a facility's requests of one kind have in common. */
import { body, hub } from './client';
import type * as C from './contract';

const ofFacility = (facility_id: number) => ({ params: { path: { facility_id } } });
const ofTemplate = (template_id: number) => ({ params: { path: { template_id } } });

export const requestTemplates = {
  of: (facility_id: number) =>
    body<C.RequestTemplate[]>(
      hub.GET('/api/v1/facilities/{facility_id}/request-templates', ofFacility(facility_id)),
    ),
  keep: (facility_id: number, name: string, said: C.RequestTemplateBody) =>
    body<C.RequestTemplate>(
      hub.POST('/api/v1/facilities/{facility_id}/request-templates', {
        ...ofFacility(facility_id),
        body: { name, body: said },
      }),
    ),
  change: (id: number, name: string, said: C.RequestTemplateBody, revision: number) =>
    body<C.RequestTemplate>(
      hub.PUT('/api/v1/request-templates/{template_id}', {
        ...ofTemplate(id),
        body: { name, body: said, revision },
      }),
    ),
  remove: (id: number, revision: number) =>
    body(
      hub.POST('/api/v1/request-templates/{template_id}/remove', { ...ofTemplate(id), body: { revision } }),
    ),
};
