import type { RequestIn, RequestTemplateBody } from '@/api/contract';

const BLANK: RequestTemplateBody = {
  modality: '',
  body_part: '',
  description: '',
  urgency: '',
  question: '',
  contrast: { planned: 'unknown', agent: '', concentration: '', phases: '' },
  requester_name: '',
  requester_department: '',
  callback_phone: '',
};
/** The urgency of a request nobody has thought about yet. */
const USUAL = 'next_clinical_day';

export type FilledField =
  | 'urgency'
  | 'modality'
  | 'body_part'
  | 'description'
  | 'question'
  | 'planned'
  | 'agent'
  | 'concentration'
  | 'phases'
  | 'requester_name'
  | 'requester_department'
  | 'callback_phone';

/** Whether a template is for the exam being written; without a modality it is for every one. */
export const isFor = (body: RequestTemplateBody, modality: string): boolean =>
  !body.modality || !modality || body.modality === modality;

/** What was empty takes the template's words; what somebody wrote stays. Also which fields were filled. */
export function fillFrom(
  now: RequestIn,
  body: RequestTemplateBody,
): { part: Partial<RequestIn>; fields: FilledField[] } {
  const fields: FilledField[] = [];
  const take = (field: FilledField, mine: string, theirs: string): string => {
    if (mine.trim() || !theirs.trim()) return mine;
    fields.push(field);
    return theirs;
  };
  const part: Partial<RequestIn> = {};
  if (now.urgency === USUAL && body.urgency && body.urgency !== USUAL) {
    part.urgency = body.urgency;
    fields.push('urgency');
  }
  part.exam = {
    ...now.exam,
    modality: take('modality', now.exam.modality, body.modality),
    body_part: take('body_part', now.exam.body_part, body.body_part),
    description: take('description', now.exam.description, body.description),
  };
  part.question = take('question', now.question, body.question);
  const { contrast } = now;
  const isPlanEmpty = contrast.planned === 'unknown' && body.contrast.planned !== 'unknown';
  if (isPlanEmpty) fields.push('planned');
  part.contrast = {
    ...contrast,
    planned: isPlanEmpty ? body.contrast.planned : contrast.planned,
    agent: take('agent', contrast.agent, body.contrast.agent),
    concentration: take('concentration', contrast.concentration, body.contrast.concentration),
    phases: take('phases', contrast.phases, body.contrast.phases),
  };
  Object.assign(part, contactFrom(now, body, fields));
  return { part, fields };
}

/** A department and its telephone belong together: a contact somebody began to write is not completed. */
function contactFrom(now: RequestIn, body: RequestTemplateBody, fields: FilledField[]): Partial<RequestIn> {
  const names = ['requester_department', 'requester_name', 'callback_phone'] as const;
  if (names.some((name) => now[name].trim())) return {};
  const theirs = names.filter((name) => body[name].trim());
  fields.push(...theirs);
  return Object.fromEntries(theirs.map((name) => [name, body[name]]));
}

/** What of a request may be kept for other patients. The question is a proposal, to be looked over. */
export function templateFrom(content: RequestIn): RequestTemplateBody {
  const { exam, contrast, urgency } = content;
  const isKept = urgency === 'same_day' || urgency === 'checkup';
  return {
    ...BLANK,
    modality: exam.modality,
    body_part: exam.body_part,
    description: exam.description,
    urgency: isKept ? urgency : '',
    question: content.question,
    contrast: {
      planned: contrast.planned,
      agent: contrast.agent,
      concentration: contrast.concentration,
      phases: contrast.phases,
    },
    requester_name: content.requester_name,
    requester_department: content.requester_department,
    callback_phone: content.callback_phone,
  };
}
