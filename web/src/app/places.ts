import type { Me, Role } from '@/api/contract';
import type { Words } from '@/words';

export interface Place {
  to: string;
  title: (words: Words) => string;
  roles: readonly Role[];
  /** The first place a person sees is the first of theirs in this list. */
  isOffice?: boolean;
}

const OFFICE: readonly Role[] = ['administrator', 'lead', 'support'];

export const PLACES: readonly Place[] = [
  { to: '/worklist', title: (w) => w.nav.worklist, roles: ['reader', 'lead', 'support'] },
  { to: '/arrivals', title: (w) => w.nav.arrivals, roles: ['technologist', 'requester', 'support'] },
  { to: '/requests', title: (w) => w.nav.requests, roles: ['technologist', 'requester', 'support'] },
  {
    to: '/papers',
    title: (w) => w.nav.papers,
    roles: ['technologist', 'requester', 'support', 'lead'],
  },
  { to: '/ask-backs', title: (w) => w.nav.askBacks, roles: ['technologist', 'requester', 'support'] },
  {
    to: '/resolution',
    title: (w) => w.nav.resolution,
    roles: ['technologist', 'requester', 'support', 'lead'],
  },
  { to: '/patients', title: (w) => w.nav.patients, roles: ['support', 'lead'] },
  { to: '/reports', title: (w) => w.nav.deliveries, roles: ['requester', 'technologist', 'support'] },
  {
    to: '/reconciliation',
    title: (w) => w.nav.reconciliation,
    roles: ['requester', 'technologist', 'support', 'lead'],
  },
  { to: '/admin/people', title: (w) => w.nav.people, roles: ['administrator', 'lead'], isOffice: true },
  {
    to: '/admin/facilities',
    title: (w) => w.nav.facilities,
    roles: ['administrator', 'lead'],
    isOffice: true,
  },
  { to: '/admin/request-rules', title: (w) => w.nav.requestRules, roles: OFFICE, isOffice: true },
  { to: '/admin/prior-rules', title: (w) => w.nav.priorRules, roles: OFFICE, isOffice: true },
  { to: '/admin/tokens', title: (w) => w.nav.tokens, roles: ['administrator'], isOffice: true },
  { to: '/admin/quarantine', title: (w) => w.nav.quarantine, roles: OFFICE, isOffice: true },
  { to: '/admin/audit', title: (w) => w.nav.audit, roles: ['administrator', 'lead'], isOffice: true },
  { to: '/admin/status', title: (w) => w.nav.status, roles: OFFICE, isOffice: true },
];

export const placesOf = ({ roles }: Pick<Me, 'roles'>): Place[] =>
  PLACES.filter((place) => place.roles.some((role) => roles.includes(role)));

export const firstPlace = (me: Pick<Me, 'roles'>): string => placesOf(me)[0]?.to ?? '/me/sessions';

/** Who looks after the installation, and so may see its status and its alarms. */
export const seesStatus = ({ roles }: Pick<Me, 'roles'>): boolean =>
  OFFICE.some((role) => roles.includes(role));

/** Reading is done in the dark, office work in the light. */
export const fittingScheme = ({ roles }: Pick<Me, 'roles'>): 'dark' | 'light' =>
  roles.includes('reader') ? 'dark' : 'light';
