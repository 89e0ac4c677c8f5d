/** Ask-backs: a reader's through the reading, everybody else's through the request. */
import { body, hub } from './client';
import type * as C from './contract';

const ofOne = (ask_back_id: number) => ({ params: { path: { ask_back_id } } });

/** Where questions are asked and taken back from: a reading that is one's own, or, for support, a request. */
export interface Asking {
  kind: 'reading' | 'request';
  id: number;
}

export const askBacks = {
  list: (box: C.AskBackBox, signal?: AbortSignal) =>
    body<C.AskBackList>(hub.GET('/api/v1/ask-backs', { params: { query: { box } }, signal })),
  of: ({ kind, id }: Asking, signal?: AbortSignal) =>
    kind === 'reading'
      ? body<C.AskBacks>(
          hub.GET('/api/v1/readings/{reading_id}/ask-backs', {
            params: { path: { reading_id: id } },
            signal,
          }),
        )
      : body<C.AskBacks>(
          hub.GET('/api/v1/requests/{request_id}/ask-backs', {
            params: { path: { request_id: id } },
            signal,
          }),
        ),
  ask: ({ kind, id }: Asking, question: C.Question) =>
    kind === 'reading'
      ? body(
          hub.POST('/api/v1/readings/{reading_id}/ask-backs', {
            params: { path: { reading_id: id } },
            body: question,
          }),
        )
      : body(
          hub.POST('/api/v1/requests/{request_id}/ask-backs', {
            params: { path: { request_id: id } },
            body: question,
          }),
        ),
  withdraw: ({ kind, id }: Asking, ask_back_id: number, reason: string) =>
    kind === 'reading'
      ? body(
          hub.POST('/api/v1/readings/{reading_id}/ask-backs/{ask_back_id}/withdraw', {
            params: { path: { reading_id: id, ask_back_id } },
            body: { reason },
          }),
        )
      : body(
          hub.POST('/api/v1/ask-backs/{ask_back_id}/withdraw', { ...ofOne(ask_back_id), body: { reason } }),
        ),
  answer: (ask_back_id: number, answer: { option: string; text: string }) =>
    body<C.AskBack>(
      hub.POST('/api/v1/ask-backs/{ask_back_id}/answer', { ...ofOne(ask_back_id), body: answer }),
    ),
};

/** A link in a mail: nobody is signed in; the secret and the patient's two identifiers are the right. */
export const answerLinks = {
  open: (secret: string): Promise<C.AnswerLink> =>
    body(hub.POST('/api/v1/answer/open', { body: { secret } })),
  question: (given: C.AnswerLinkWho): Promise<C.AnswerLinkQuestion> =>
    body(hub.POST('/api/v1/answer/question', { body: given })),
  answer: (given: C.AnswerLinkWho, option: string, text: string): Promise<C.AnswerLinkDone> =>
    body(hub.POST('/api/v1/answer', { body: { ...given, option, text } })),
};
