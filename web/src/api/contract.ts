/** The hub's shapes, as the rooms use them. Instants are ISO 8601 UTC strings, dates are YYYY-MM-DD. */

export type Role = 'requester' | 'technologist' | 'reader' | 'support' | 'lead' | 'administrator';
export type Stage = 'anonymous' | 'first_factor' | 'full';
export type Sex = 'M' | 'F' | 'O';
export type Urgency = 'emergency' | 'urgent' | 'same_day' | 'next_clinical_day' | 'checkup';

export interface FacilityRef {
  id: number;
  code: string;
  name: string;
}

export interface PersonRef {
  id: number;
  name: string;
}

export interface Me {
  person: { id: number; name: string; kana: string; email: string } | null;
  roles: Role[];
  facilities: FacilityRef[];
  permissions: string[];
  stage: Stage;
  elevated_until: string | null;
  server_time: string;
  support_phone: string;
}

export interface SessionOut {
  id: number | string;
  current: boolean;
  created_at: string;
  last_seen_at: string | null;
  user_agent: string;
  ip: string;
}

export interface PatientOut {
  id: number;
  facility_id: number;
  patient_id: string;
  issuer: string;
  name_kanji: string;
  name_kana: string;
  name_romaji: string;
  display_name: string;
  birth_date: string | null;
  sex: Sex | null;
  age_years: number | null;
}

export type Receipt = 'receiving' | 'complete' | 'settled' | 'held' | 'withdrawn';

export interface SeriesOut {
  series_instance_uid: string;
  series_number: number | null;
  modality: string;
  description: string;
  body_part: string;
  instance_count: number;
  frame_count: number;
}

export interface StudyOut {
  id: number;
  facility: FacilityRef;
  study_instance_uid: string;
  accession_number: string;
  patient: PatientOut;
  modalities: string[];
  description: string;
  body_part: string;
  study_at: string | null;
  receipt: Receipt;
  instance_count: number;
  expected_count: number | null;
  series_count: number;
  received_at: string;
  last_received_at: string;
  request_id: number | null;
  quarantined_count: number;
  notes: string[];
}

export interface StudyDetail extends StudyOut {
  series: SeriesOut[];
}

export interface StudyImages {
  role: 'current' | 'prior';
  study: StudyOut;
  dicomweb_root: string;
  series: SeriesOut[];
}

export interface ImagesOut {
  studies: StudyImages[];
}

export interface Completeness {
  score: number;
  missing: { field: string; label: string }[];
}

export interface HistoryLine {
  at: string;
  by: string;
  sentence: string;
}

export type YesNoUnknown = 'yes' | 'no' | 'unknown';

export interface RequestIn {
  study_ids: number[];
  exam: { modality: string; body_part: string; description: string; jj1017: string | null };
  urgency: Urgency;
  urgency_reason: string;
  question: string;
  complaint: string;
  history: string;
  surgery: string;
  labs: string;
  contrast: { planned: YesNoUnknown; given: YesNoUnknown; agent: string; note: string };
  comparison: { state: 'received' | 'elsewhere' | 'none' | 'not_asked'; where_when: string };
  requester_name: string;
  requester_department: string;
  callback_phone: string;
}

export type RequestState = 'draft' | 'sent' | 'accepted' | 'fulfilled' | 'cancelled' | 'refused';

export interface RequestOut extends RequestIn {
  id: number;
  state: RequestState;
  version: number;
  revision: number;
  facility: FacilityRef;
  patient: PatientOut | null;
  studies: StudyOut[];
  completeness: Completeness;
  missing_to_send: { field: string; label: string }[];
  acts: string[];
  reading?: { id: number; state: ReadingState; due_at: string | null } | null;
  report?: { id: number; state: string } | null;
  created_at: string;
  saved_at: string;
  sent_at: string | null;
  created_by_name: string;
  ended_reason: string;
  timeline?: HistoryLine[];
}

export type ReadingState = 'pending' | 'waiting' | 'claimed' | 'held' | 'read' | 'cancelled';
export type Box = 'open' | 'mine' | 'done';

export interface ReadingRow {
  id: number;
  state: ReadingState;
  waits_for: { what: string; label: string; owner: string }[];
  urgency: Urgency;
  due_at: string | null;
  clock_started_at: string | null;
  warned: 0 | 50 | 75 | 90 | 100;
  patient: PatientOut;
  facility: FacilityRef;
  modality: string;
  body_part: string;
  exam_description: string;
  question: string;
  study_at: string | null;
  instance_count: number;
  expected_count: number | null;
  priors: { arrived: number; state: RequestIn['comparison']['state']; where_when: string };
  completeness: Completeness;
  reader: PersonRef | null;
  claimed_at: string | null;
  lease_until: string | null;
  acts: string[];
  refusal: { code: string; sentence: string } | null;
}

export interface ReadingList {
  items: ReadingRow[];
  counts: { open: number; mine: number; done_today: number; overdue: number };
}

export interface PriorReport {
  report_id: number;
  version: number;
  signed_at: string;
  signed_by: string;
  exam: string;
  findings: string;
  impression: string;
}

export interface ReadingDetail extends ReadingRow {
  request: RequestOut;
  history: HistoryLine[];
}

export interface Check {
  code: string;
  sentence: string;
  severity: 'stop' | 'warn';
}

export interface ReportOut {
  id: number;
  reading_id: number;
  state: string;
  findings: string;
  impression: string;
  revision: number;
  saved_at: string | null;
  acts: string[];
  author: PersonRef | null;
  checks: Check[];
  missing_sentence: string;
  versions: ReportVersion[];
}

export interface ReportVersion {
  number: number;
  kind: VersionKind;
  findings: string;
  impression: string;
  signed_at: string;
  signed_by: string;
  sha256: string;
  /** Empty while the document is still being made. */
  pdf_url: string;
}

export type VersionKind = 'original' | 'addendum' | 'correction';

export interface DraftSaved {
  revision: number;
  saved_at: string;
  checks: Check[];
}

export interface DraftText {
  findings: string;
  impression: string;
  revision: number;
}

export type ConfirmationState = 'undelivered' | 'delivered' | 'opened' | 'confirmed' | 'acted';

export interface DeliveryRow {
  id: number;
  report_id: number;
  version: number;
  kind: VersionKind;
  state: 'queued' | 'sending' | 'delivered' | 'failed' | 'superseded';
  delivered_at: string | null;
  patient: PatientOut;
  facility: FacilityRef;
  exam_description: string;
  modality: string;
  signed_at: string;
  signed_by: string;
  impression_head: string;
  confirmations: Confirmation[];
  mine: Confirmation | null;
  request_id: number;
  urgency: Urgency;
}

export interface Confirmation {
  id: number;
  kind: string;
  addressee: string;
  state: ConfirmationState;
  opened_at: string | null;
  confirmed_at: string | null;
  confirmed_by: string;
  acted_at: string | null;
  action: string;
}

export interface ReportFull {
  report: ReportOut;
  request: RequestOut;
  patient: PatientOut;
  deliveries: DeliveryRow[];
  /** The hub recomputed the chain of fingerprints and found the text as it was signed. */
  unaltered: boolean;
}

export type PersonState = 'invited' | 'active' | 'suspended' | 'left';

export interface PersonOut {
  id: number;
  name: string;
  kana: string;
  email: string;
  roles: Role[];
  facilities: FacilityRef[];
  state: PersonState;
  second_factor: boolean;
  last_seen_at: string | null;
}

export interface InvitationOut {
  name: string;
  email: string;
  facility_names: string[];
  expires_at: string;
}

export interface Invited {
  person: PersonOut;
  invitation_url: string;
  expires_at: string;
}

export interface AeTitle {
  id: number;
  title: string;
  peer_host: string;
}

export interface FacilityOut {
  id: number;
  code: string;
  name: string;
  phone: string;
  ae_titles?: AeTitle[];
  tiers: Partial<Record<Urgency, number>>;
  active: boolean;
}

export interface TokenOut {
  id: number;
  name: string;
  facility: FacilityRef;
  permissions: string[];
  created_at: string;
  expires_at: string;
  revoked_at: string | null;
  last_used_at: string | null;
}

export interface AuditItem {
  seq: number;
  at: string;
  event: string;
  sentence: string;
  by: string;
  by_name: string;
  facility_id: number | null;
  object: string;
}

export interface AuditVerdict {
  ok: boolean;
  checked: number;
  head: string;
  first_broken: { seq: number; reason: string } | null;
}

export interface QuarantineItem {
  id: number;
  facility: string | FacilityRef;
  at: string;
  reason_code: string;
  sentence: string;
  sop_instance_uid: string;
  study_instance_uid: string;
}

export interface StatusOut {
  checks: { name: string; ok: boolean; sentence: string }[];
  version: string;
}

export interface UploadOut {
  stored: number;
  duplicate: number;
  quarantined: number;
  refused: { name: string; code: string; detail: string }[];
}

export interface Page<Item> {
  items: Item[];
  total: number;
}

export interface LiveChange {
  kind: 'reading' | 'request' | 'study' | 'report' | 'delivery' | 'person' | 'facility';
  id: number;
}
