/** What the windows of one case say to each other. Pure: what is said, what of it is believed, what does not agree. */
import type { KeptMark, MarkLink, Recipe } from '@/api/contract';
import type { Arrangement } from '@/viewer/arrangement';
import type { Fidelity } from '@/viewer/fidelity';
import type { Wish } from '@/viewer/hanger';
import type { Candidate } from '@/viewer/hanging/choose';
import type { FarPane, PaneLinks } from '@/viewer/links';
import { areLinks, isArrangement, isCandidate, isFarPane, isWish } from './hungWords';
import { type Fields, isBool, isCount, isListOf, isNumber, isOneOf, isRecord, isText } from './plain';

export const ROLES = ['main', 'images-1', 'images-2', 'report'] as const;
export type Role = (typeof ROLES)[number];
export type ImagesRole = 'images-1' | 'images-2';

export const isImages = (role: Role): role is ImagesRole => role === 'images-1' || role === 'images-2';

/** Whose pictures and whose text these are, and who is reading. Two windows of one case agree in all of it. */
export interface Identity {
  reading: number;
  study: string;
  patient: string;
  accession: string;
  person: number;
}

export const IDENTITY = ['patient', 'study', 'accession', 'reading', 'person'] as const;
export type Differs = (typeof IDENTITY)[number];

/** Text on its way from one window to another, with what the hub is known to have of it. */
export interface LentText {
  findings: string;
  impression: string;
  revision: number;
  isSaved: boolean;
}

export type Closing = 'left' | 'signed' | 'lost';

export type Say =
  /** A window has opened; the others answer `here`. `page` is its document, which outlives a case. */
  | { kind: 'hello'; page: string }
  | { kind: 'here'; page: string }
  | { kind: 'bye' }
  | { kind: 'closed'; how: Closing }
  | { kind: 'blank'; differs: readonly Differs[] }
  | { kind: 'jump'; to: string; recipe: Recipe }
  | { kind: 'shows'; series: readonly string[] }
  | { kind: 'insert'; text: string; link: MarkLink | null }
  | { kind: 'figure'; recipe: Recipe }
  | { kind: 'figures'; revision: number }
  | { kind: 'marks-ask' }
  | { kind: 'marks'; marks: readonly KeptMark[]; isSaved: boolean }
  | { kind: 'marks-change'; put: readonly KeptMark[]; gone: readonly string[] }
  | { kind: 'report-ask' }
  | ({ kind: 'report-give' } & LentText)
  | ({ kind: 'draft' } & LentText)
  | { kind: 'report-back' }
  | { kind: 'sign-ask'; ask: string }
  | { kind: 'sign-ready'; ask: string; isClean: boolean; marks: number; fidelity: Fidelity | null }
  | { kind: 'signed' }
  /** An image window has come and asks the main one what hangs on its screen. */
  | { kind: 'screens-ask' }
  /** What hangs on all screens, for one window or for all; `isAct` when the reader asked for it. */
  | {
      kind: 'hang';
      to: string | null;
      fit: Candidate | null;
      scene: number;
      seats: readonly Role[];
      isAct: boolean;
    }
  | { kind: 'hang-ask'; wish: Wish }
  /** What hangs in a window, and which of its panes the reader has just scrolled. */
  | { kind: 'places'; panes: readonly FarPane[]; moved: FarPane | null }
  | ({ kind: 'links' } & ReturnType<PaneLinks['told']>)
  | { kind: 'arrangement-ask'; ask: string }
  | { kind: 'arrangement'; ask: string; arrangement: Arrangement | null };

export type Kind = Say['kind'];
export type Saying<K extends Kind> = Extract<Say, { kind: K }>;

export interface Message {
  v: 1;
  identity: Identity;
  from: string;
  role: Role;
  say: Say;
}

const TEXT_MOST = 200_000;
const MARKS_MOST = 2_000;

const isPoint = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every(isNumber);
const isPoints = (value: unknown): boolean => isListOf(value, 20_000, isPoint);

const isLink = (value: unknown): boolean =>
  isRecord(value) && isText(value.mark_id) && isText(value.text, 1000) && isPoints(value.points);

const isDrawn = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value.id) &&
  isText(value.kind) &&
  isPoints(value.points) &&
  isBool(value.is_closed) &&
  isText(value.text, 2000) &&
  isListOf(value.lines, 50, (one) => isText(one, 500));

const isFrame = (value: Fields): boolean =>
  isText(value.sop_instance_uid) && isCount(value.frame_number) && (value.plane ?? null) === null;

const isThree = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 3 && value.every(isNumber);

const isPlane = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value.series_instance_uid) &&
  isText(value.stack_sha256) &&
  isOneOf(value.orientation, ['axial', 'coronal', 'sagittal']) &&
  isBool(value.is_turned) &&
  isBool(value.is_agreed) &&
  [value.origin, value.row, value.column].every(isThree) &&
  [value.between_columns, value.between_rows].every(isNumber) &&
  [value.columns, value.rows].every(isCount) &&
  isRecord(value.slab) &&
  isOneOf(value.slab.mode, ['single', 'mip', 'minip', 'mean']) &&
  isNumber(value.slab.mm);

/** On a frame or on a plane, never on both. */
const isPlaced = (value: Fields): boolean =>
  isFrame(value) ||
  ((value.sop_instance_uid ?? null) === null &&
    (value.frame_number ?? null) === null &&
    isPlane(value.plane));
const isMark = (value: unknown): boolean => isDrawn(value) && isPlaced(value as Fields);

const isRecipe = (value: unknown): boolean =>
  isRecord(value) &&
  isPlaced(value) &&
  isRecord(value.area) &&
  ['left', 'top', 'right', 'bottom'].every((side) => isNumber((value.area as Fields)[side])) &&
  isOneOf(value.rotation_deg, [0, 90, 180, 270]) &&
  isBool(value.is_mirrored) &&
  isBool(value.is_low_white) &&
  (value.window === null ||
    (isRecord(value.window) && isNumber(value.window.center) && isNumber(value.window.width))) &&
  isListOf(value.marks, MARKS_MOST, isDrawn);

const isLent = (value: Fields): boolean =>
  isText(value.findings, TEXT_MOST) &&
  isText(value.impression, TEXT_MOST) &&
  isCount(value.revision) &&
  isBool(value.isSaved);

const isFidelity = (value: unknown): boolean =>
  value === null ||
  (isRecord(value) &&
    ['full', 'held', 'failed', 'undescribed'].every((one) => isCount(value[one])) &&
    (value.missing === null || isCount(value.missing)) &&
    isBool(value.isLossy) &&
    isBool(value.isDone));

const always = (): boolean => true;
const isPage = ({ page }: Fields): boolean => isText(page);

const SHAPES: Record<Kind, (say: Fields) => boolean> = {
  hello: isPage,
  here: isPage,
  bye: always,
  closed: ({ how }) => isOneOf(how, ['left', 'signed', 'lost']),
  blank: ({ differs }) => isListOf(differs, IDENTITY.length, (one) => isOneOf(one, IDENTITY)),
  jump: ({ to, recipe }) => isText(to) && isRecipe(recipe),
  shows: ({ series }) => isListOf(series, 20, (one) => isText(one)),
  insert: ({ text, link }) => isText(text, 1000) && (link === null || isLink(link)),
  figure: ({ recipe }) => isRecipe(recipe),
  figures: ({ revision }) => isCount(revision),
  'marks-ask': always,
  marks: ({ marks, isSaved }) => isListOf(marks, MARKS_MOST, isMark) && isBool(isSaved),
  'marks-change': ({ put, gone }) =>
    isListOf(put, MARKS_MOST, isMark) && isListOf(gone, MARKS_MOST, (one) => isText(one)),
  'report-ask': always,
  'report-give': isLent,
  draft: isLent,
  'report-back': always,
  'sign-ask': ({ ask }) => isText(ask),
  'sign-ready': ({ ask, isClean, marks, fidelity }) =>
    isText(ask) && isBool(isClean) && isCount(marks) && isFidelity(fidelity),
  signed: always,
  'screens-ask': always,
  hang: ({ to, fit, scene, seats, isAct }) =>
    (to === null || isText(to)) &&
    (fit === null || isCandidate(fit)) &&
    isCount(scene) &&
    isListOf(seats, ROLES.length, (one) => isOneOf(one, ROLES)) &&
    isBool(isAct),
  'hang-ask': ({ wish }) => isWish(wish),
  places: ({ panes, moved }) => isListOf(panes, 6, isFarPane) && (moved === null || isFarPane(moved)),
  links: areLinks,
  'arrangement-ask': ({ ask }) => isText(ask),
  arrangement: ({ ask, arrangement }) => isText(ask) && (arrangement === null || isArrangement(arrangement)),
};

const isIdentity = (value: unknown): value is Identity =>
  isRecord(value) &&
  isCount(value.reading) &&
  isCount(value.person) &&
  isText(value.study) &&
  isText(value.patient) &&
  isText(value.accession);

/** What is not well formed was not said. */
export function messageIn(data: unknown): Message | null {
  if (!isRecord(data) || data.v !== 1 || !isText(data.from) || !isOneOf(data.role, ROLES)) return null;
  if (!isIdentity(data.identity) || !isRecord(data.say)) return null;
  const shape = SHAPES[data.say.kind as Kind] as ((say: Fields) => boolean) | undefined;
  return shape && Object.hasOwn(SHAPES, data.say.kind as string) && shape(data.say)
    ? (data as unknown as Message)
    : null;
}

/** In what two windows that should be one case do not agree. */
export const differing = (a: Identity, b: Identity): Differs[] => IDENTITY.filter((one) => a[one] !== b[one]);
