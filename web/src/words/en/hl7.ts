import type { Words } from '../ja';

export const hl7: Words['hl7'] = {
  title: 'Messages not taken',
  lead: "Messages that came by HL7 from a facility's system and could not be taken as requests. Kept as they came.",
  at: 'Received',
  facility: 'Facility',
  connection: 'Connection',
  kind: 'Kind',
  why: 'Why',
  act: 'Act',
  repeats: (n) => `came again ${n} times`,
  look: 'Look at it',
  text: 'What it says',
  textLead: 'Looking at it is noted in the audit trail.',
  retry: 'Try again',
  taken: 'Taken. It is in the list of requests.',
  still: 'It still cannot be taken. See why.',
  dismiss: 'Done otherwise',
  dismissTitle: 'End this message?',
  dismissLead: 'It is not taken. The message and the reason stay on record.',
  dismissReason: 'Reason',
  dismissed: 'Ended.',
};
