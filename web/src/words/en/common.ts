import type { Words } from '../ja';

export const common: Words['common'] = {
  app: 'Dokuei',
  open: 'Open',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  retry: 'Try again',
  back: 'Back',
  copy: 'Copy',
  copied: 'Copied.',
  print: 'Print',
  search: 'Filter',
  clear: 'Clear',
  loading: 'Loading',
  reason: 'Reason',
  none: 'none',
  unknown: 'unknown',
  count: (n) => `${n}`,
  images: (n) => `${n} images`,
  imagesOf: (n, expected) => `${n} / ${expected} images`,
  countedBy: { mpps: 'MPPS', manifest: 'sender', c_find: 'asked the PACS' },
  countedTitle: (what, by, at, expected) => `${what} (${by}, ${at}): ${expected} images in all`,
  more: 'Show more',
  state: 'State',
  history: 'History',
  menu: 'Menu',
  toMain: 'Skip to content',
  command: {
    palette: 'Find a command',
    placeholder: 'What do you want to do?',
    noMatch: 'No command matches.',
    help: 'Keyboard shortcuts',
    helpNote: 'Inside text fields only keys with Ctrl (⌘) act. While the input method composes, none does.',
    filterKeys: 'Filter by name or key',
    change: 'Change',
    changeOne: (title: string) => `Change the key: ${title}`,
    reset: 'Reset',
    resetOne: (title: string) => `Back to the standard key: ${title}`,
    resetAll: 'All back to the standard keys',
    own: '(changed)',
    noKey: 'no key',
    pressKey: 'Press the new key (Esc to leave).',
    keyTaken: (keys: string, who: string) => `${keys} belongs to “${who}”.`,
    takeOver: 'Give it to this one',
    leaveKey: 'Leave it',
    sharedWith: (who: string) => `same key as “${who}”`,
    reserved: {
      browser: (keys: string) => `The browser uses ${keys}. Press another key.`,
      editing: (keys: string) => `${keys} is for editing text. Press another key.`,
      screen: (keys: string) => `${keys} is for moving on the screen. Press another key.`,
    },
    keysSaving: 'saving',
    keysUnsaved: 'Not saved at the server. It works on this screen.',
  },
  time: 'Times are Japan Standard Time.',
};

export const time: Words['time'] = {
  today: 'Today',
  yesterday: 'Yesterday',
  tomorrow: 'Tomorrow',
  justNow: 'just now',
  weekdays: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  days: (d) => `${d} d`,
  hours: (h, m) => (m ? `${h} h ${m} min` : `${h} h`),
  minutes: (m) => `${m} min`,
  left: (length) => `${length} left`,
  over: (length) => `${length} overdue`,
  ago: (length) => `${length} ago`,
};

export const patient: Words['patient'] = {
  age: (years) => `${years} y`,
  sex: { M: 'male', F: 'female', O: 'other' },
  sexUnknown: 'sex unknown',
  born: (date) => `born ${date}`,
  birthUnknown: 'birth date unknown',
  id: 'ID',
  nameless: 'Name unknown',
  accession: 'Accession',
  banner: 'Patient and examination',
};

export const urgency: Words['urgency'] = {
  emergency: 'Emergency',
  urgent: 'Urgent',
  same_day: 'Same day',
  next_clinical_day: 'Next clinical day',
  checkup: 'Check-up',
};

export const problems: Words['problems'] = {
  title: 'Something went wrong',
  line: 'The server cannot be reached. Check the connection and press “Try again”.',
  unknown: 'An unexpected answer came. If it happens again, give the number below to support.',
  declined: 'Nothing was done, because you did not confirm your identity.',
  crashed: 'The screen could not be drawn. What was saved is safe. Please reload.',
  reload: 'Reload',
  notFound: 'This page does not exist.',
  toStart: 'To the first screen',
};

export const line: Words['line'] = {
  up: 'Line up',
  down: 'Line down',
  waiting: 'Reconnecting',
  downNote: 'The server cannot be reached. Reconnecting goes on by itself; lists may be out of date.',
};

export const alarms: Words['alarms'] = {
  title: 'Alarm of the store',
  'store.low': (free, limit, since) =>
    `Only ${free} of room are left for images (since ${since}). Below ${limit} images are turned away.`,
  'store.refusing': (free, _limit, since) =>
    `Images have been turned away since ${since}: only ${free} of room are left. It goes on by itself when there is room.`,
  'store.unwritable': (_free, _limit, since) =>
    `Images have been turned away since ${since}: the store cannot be written to. Look after the store.`,
};
