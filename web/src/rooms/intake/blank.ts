import type { RequestIn, RequestOut, StudyOut } from '@/api/contract';

/** A new request knows what the images themselves say, and nothing more. */
export function blankRequest(study: StudyOut): RequestIn & { facility_id: number } {
  return {
    facility_id: study.facility.id,
    study_ids: [study.id],
    exam: {
      modality: study.modalities[0] ?? '',
      body_part: study.body_part,
      description: study.description,
      jj1017: null,
    },
    urgency: 'next_clinical_day',
    urgency_reason: '',
    question: '',
    complaint: '',
    history: '',
    surgery: '',
    labs: '',
    contrast: { planned: 'unknown', given: 'unknown', agent: '', note: '' },
    comparison: { state: 'not_asked', where_when: '' },
    requester_name: '',
    requester_department: '',
    callback_phone: '',
  };
}

/** The part of a request that a person writes; the rest is the hub's. */
export function contentOf(request: RequestOut): RequestIn {
  return {
    study_ids: request.study_ids,
    exam: request.exam,
    urgency: request.urgency,
    urgency_reason: request.urgency_reason,
    question: request.question,
    complaint: request.complaint,
    history: typeof request.history === 'string' ? request.history : '',
    surgery: request.surgery,
    labs: request.labs,
    contrast: request.contrast,
    comparison: request.comparison,
    requester_name: request.requester_name,
    requester_department: request.requester_department,
    callback_phone: request.callback_phone,
  };
}
