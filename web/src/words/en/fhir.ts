import type { Words } from '../ja';

export const fhir: Words['fhir'] = {
  title: 'FHIR orders not taken',
  lead: 'Their senders were told why. What is sent again under the same number leaves this list.',
  sender: 'Sender',
  place: 'Request',
  dismissTitle: 'End this?',
  dismissLead: 'It is not taken. What was sent and the reason stay on record.',
};
