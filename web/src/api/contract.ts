/**
 * The hub's shapes by the names the rooms use. Fields come from the hub's OpenAPI (`npm run api`); words that the OpenAPI leaves as
 * plain text are narrowed here to the states this application knows how to show.
 */
import type { components } from './schema';

type S = components['schemas'];
type Narrow<Shape, Parts> = Omit<Shape, keyof Parts> & Parts;

export type Role = S['Role'];
export type Stage = S['MeOut']['stage'];
export type Sex = 'M' | 'F' | 'O';
export type Urgency = S['Urgency'];
export type YesNoUnknown = S['Known'];
export type FacilityRef = S['FacilityRef'];
export type PersonRef = S['ReaderRef'];
export type Me = S['MeOut'];
export type Preferences = S['Preferences'];
export interface KeptPreferences {
  document: Preferences;
  revision: number;
}
export type HangingProtocol = S['Protocol'];
export type HangingStage = S['Stage'];
export type HangingPane = S['Pane'];
export type HangingScreen = S['Screen'];
export type HangingReformat = S['Reformat'];
export type SeriesSelector = S['Selector'];
export type HangingWhen = S['When'];
export type SharedProtocol = S['SharedProtocolOut'];
export type SessionOut = S['SessionOut'];
export type PatientOut = Narrow<S['PatientOut'], { sex: Sex | null }>;

export type Receipt = S['StudyOut']['receipt'];
export type SeriesOut = S['SeriesOut'];
export type StudyOut = Narrow<S['StudyOut'], { patient: PatientOut }>;
export type StudyDetail = StudyOut & { series: SeriesOut[] };
export type StudyImages = Narrow<S['ShownStudy'], { study: StudyOut }>;
export interface ImagesOut {
  studies: StudyImages[];
}
export type UploadOut = S['UploadOut'];
export type QuarantineItem = S['QuarantinedOut'];
export type Hl7MessageItem = S['Hl7MessageOut'];
export type Turnaround = S['TurnaroundOut'];
export type AnswerLink = S['AnswerLinkOut'];
export type AnswerLinkWho = S['AnswerLinkWhoIn'];
export type AnswerLinkQuestion = S['AnswerLinkQuestionOut'];
export type AnswerLinkDone = S['AnswerLinkDoneOut'];
export type FhirSubmissionItem = S['FhirSubmissionOut'];
export type UnlistedItem = S['UnlistedOut'];
export type Alarm = S['AlarmOut'];

export type Completeness = S['CompletenessOut'];
export type HistoryLine = S['HistoryOut'];

/** What a person writes in a request. */
export type RequestIn = Required<
  Omit<S['RequestIn'], 'facility_id' | 'revision' | 'exam' | keyof RequestParts>
> & { exam: Required<S['Exam']> } & RequestParts;
export interface RequestParts {
  contrast: Required<S['Contrast']>;
  comparison: Required<S['ComparisonState']>;
  renal: Required<S['Renal']>;
  risk: Required<S['Risk']>;
  mr_safety: Required<S['MrSafety']>;
  stated: Stated | null;
}
/** Before its images a request says itself whose exam it is. */
export interface Stated {
  patient: Required<S['StatedPatient']>;
  numbers: Required<S['Numbers']>;
  exam_on: string | null;
}
/** What earlier requests of the patient and of this person said, to be offered again. */
export interface Earlier {
  patient: Required<S['EarlierPatient']> | null;
  contact: S['EarlierContact'] | null;
}
/** What a facility's requests of one kind have in common; nothing of one patient. */
export type RequestTemplateBody = Required<Omit<S['TemplateBody'], 'contrast'>> & {
  contrast: Required<S['TemplateContrast']>;
};
export type RequestTemplate = Omit<S['TemplateOut'], 'body'> & { body: RequestTemplateBody };
/** Weights of items and limits of a facility. */
export interface RuleTable {
  weights: Record<string, number>;
  limits: Required<S['Limits']>;
  ask: string[];
}
export type RuleTables = Omit<S['TablesOut'], 'table' | 'default' | 'history'> & {
  table: RuleTable;
  default: RuleTable;
  history: (Omit<S['DecidedOut'], 'table'> & { table: RuleTable })[];
};
/** What makes a prior relevant, tier by tier. */
export type PriorTable = Required<S['Relevance']>;
export type PriorTier = PriorTable['tiers'][number];
export type PriorTables = Narrow<
  S['PriorRulesOut'],
  { table: PriorTable; default: PriorTable; history: (S['PriorDecisionOut'] & { table: PriorTable })[] }
>;
export type PriorPreview = S['PriorPreviewOut'];
export type Coaching = S['CoachingOut'];
export type RulePreview = S['PreviewOut'];
export type RuleDecision = Omit<S['DecisionIn'], 'table'> & { table: RuleTable };
export type RequestState = 'draft' | 'sent' | 'accepted' | 'fulfilled' | 'cancelled' | 'refused';
export type RequestOut = Narrow<
  S['RequestOut'],
  RequestIn & {
    state: RequestState;
    patient: PatientOut | null;
    studies: StudyOut[];
    timeline?: HistoryLine[];
  }
>;

export type ReadingState = 'pending' | 'waiting' | 'claimed' | 'held' | 'read' | 'cancelled';
export type Box = 'open' | 'mine' | 'done';
export type ReadingRow = Narrow<
  S['ReadingRow'],
  {
    state: ReadingState;
    urgency: Urgency;
    patient: PatientOut;
    priors: S['PriorsOut'];
  }
>;
export type ReadingList = Narrow<S['ReadingsOut'], { items: ReadingRow[] }>;
export type ReadingDetail = ReadingRow & {
  request: RequestOut;
  history: HistoryLine[];
  turnaround: S['TurnaroundOut'];
};
export type PriorList = S['PriorListOut'];
export type Prior = S['PriorOut'];
export type PriorStates = S['PriorStatesOut'];
export type PriorReport = S['PriorReportOut'];

export type CaseBox = 'open' | 'closed';
export type PairMark = S['PairLine']['mark'];
export type PairLevel = S['PairOut']['level'];
export type CasePair = Narrow<S['PairOut'], { study: StudyOut | null }>;
export type CaseRow = Narrow<S['CaseRow'], { urgency: Urgency; patient: PatientOut }>;
export type CaseList = Narrow<S['CasesOut'], { items: CaseRow[] }>;
export type CaseFull = Narrow<S['CaseOut'], { urgency: Urgency; patient: PatientOut; pairs: CasePair[] }>;

export type PaperState = S['PaperState'];
export type PaperAnswer = S['FieldAnswer'];
export type PaperBox = Required<S['PageBox']>;
export interface PaperEntry {
  value: string;
  answer: PaperAnswer;
  page: number | null;
  box: PaperBox | null;
  note: string;
}
export type PaperFields = Record<string, PaperEntry>;
export type PaperRow = S['PaperRow'];
export type PaperList = S['PapersOut'];
export type PaperFull = Narrow<S['PaperFull'], { fields: PaperFields; before: PaperFields }>;
export type PaperTaken = S['PaperTaken'];
export type PaperMark = Required<S['PaperMark']>;

export type AskBackState = 'asked' | 'answered' | 'withdrawn' | 'expired';
export type AskBackBox = 'open' | 'ended';
export type AskBack = Narrow<S['AskBackOut'], { state: AskBackState }>;
export type AskBackRow = Narrow<
  S['AskBackRow'],
  { state: AskBackState; patient: PatientOut; urgency: Urgency }
>;
export type AskBackList = Narrow<S['AskBackListOut'], { items: AskBackRow[] }>;
export type AskBacks = Narrow<S['AskBacksOut'], { items: AskBack[] }>;
export type AskKind = S['AskKindOut'];
export type Question = Required<S['QuestionIn']>;
export type SaidAskBack = Narrow<S['SaidAskBackOut'], { state: AskBackState }>;

/** What of a case stood on the screen that is signed. */
export interface SignedSight {
  figures_revision: number;
  marks_revision: number;
  ask_backs_revision: number;
  request_version: number;
}

export interface Check {
  code: string;
  sentence: string;
  severity: 'stop' | 'warn' | 'hint';
}
export type VersionKind = 'original' | 'addendum' | 'correction';
export type ReportVersion = Narrow<S['VersionOut'], { kind: VersionKind; ask_backs: SaidAskBack[] }>;
export type ReportOut = Narrow<S['ReportOut'], { checks: Check[]; versions: ReportVersion[] }>;
export type DraftSaved = Narrow<S['SavedOut'], { checks: Check[] }>;
export type DraftText = S['DraftIn'];
export type KeptMark = S['MarkIn'];
export type DrawnMark = S['Drawn'];
export type MarkLink = S['LinkIn'];
export type KeptMarks = Pick<S['MarksOut'], 'revision' | 'marks' | 'links'>;
export type MarksOut = S['MarksOut'];
export type MarksSaved = Narrow<S['MarksSaved'], { checks: Check[] }>;
export type Recipe = S['Recipe'];
/** A reformatted plane: the stack it is cut from, and where it lies in the patient. */
export type PlaneRecipe = S['PlaneIn'];
export type Figure = S['FigureOut'];
export type Figures = Narrow<S['FiguresOut'], { checks: Check[] }>;

export type ConfirmationState = 'undelivered' | 'delivered' | 'opened' | 'confirmed' | 'acted';
export type Confirmation = Narrow<S['ConfirmationOut'], { state: ConfirmationState }>;
export type DeliveryRow = Narrow<
  S['DeliveryRow'],
  {
    kind: VersionKind;
    state: 'queued' | 'sending' | 'delivered' | 'failed' | 'superseded';
    patient: PatientOut;
    confirmations: Confirmation[];
    mine: Confirmation | null;
    urgency: Urgency;
  }
>;
export type ReportFull = Narrow<
  S['ReportFull'],
  { report: ReportOut; request: RequestOut; patient: PatientOut; deliveries: DeliveryRow[] }
>;

export type PersonState = 'invited' | 'active' | 'suspended' | 'left';
export type PersonOut = Narrow<S['PersonOut'], { state: PersonState }>;
export type InvitationOut = S['InvitationOut'];
export type Invited = Narrow<S['InvitedOut'], { person: PersonOut }>;
export type AeTitle = S['AeTitleOut'];
export type AeTitleChange = S['AeTitleIn'];
export type Hl7Connection = S['Hl7ConnectionOut'];
export type Hl7ConnectionChange = Required<S['Hl7ConnectionIn']>;
export type FacilityOut = Narrow<S['FacilityOut'], { tiers: Partial<Record<Urgency, number>> }>;
export type TokenOut = S['TokenOut'];
export type Viewer = S['ViewerOut'];
export type ViewerChange = Required<S['ViewerIn']>;
export type Launchable = S['LaunchableOut'];
export type Launch = S['LaunchOut'];
export type LaunchAsked = S['LaunchIn'];
export type AuditItem = S['LineOut'];
export type AuditVerdict = S['ProofOut'];
export interface StatusOut {
  checks: { name: string; ok: boolean; sentence: string }[];
  version: string;
}

export type Reconciliation = S['ReconciliationOut'];
export type LooseEnd = S['LooseEndOut'];
export type ExplainedEnd = S['ExplainedOut'];
export type Certificate = S['CertificateOut'];

export interface Page<Item> {
  items: Item[];
  total: number;
}

export interface LiveChange {
  kind:
    | 'reading'
    | 'request'
    | 'study'
    | 'report'
    | 'delivery'
    | 'person'
    | 'facility'
    | 'quarantined'
    | 'unlisted'
    | 'storeroom'
    | 'hangingprotocol'
    | 'viewer'
    | 'viewerlaunch'
    | 'askback'
    | 'certificate'
    | 'hl7message'
    | 'fhirsubmission'
    | 'explanation'
    | 'paper'
    | 'linkcase'
    | 'patient'
    | 'patientlink';
  id: number | string;
}
export type PatientRow = S['PatientRowOut'] & PatientOut;
export type PatientRows = Narrow<S['PatientRowsOut'], { items: PatientRow[] }>;
export type PatientMerge = Narrow<S['MergeOut'], { survivor: PatientRow; merged: PatientRow }>;
export type PatientsBeside = Narrow<S['ComparisonOut'], { survivor: PatientRow; merged: PatientRow }>;
export type PatientPage = Narrow<
  S['PatientPageOut'],
  { patient: PatientRow; family: PatientRow[]; merges: PatientMerge[] }
>;
export type StudyMove = Narrow<S['MoveOut'], { origin: PatientRow; target: PatientRow; study: StudyOut }>;
export type StudyBeside = Narrow<
  S['MoveComparisonOut'],
  { origin: PatientRow; target: PatientRow; study: StudyOut }
>;
export type PatientHeld = S['PatientFacts'];
export type PatientSighting = S['SightingOut'];
export type ComparedLine = S['ComparedOut'];
export type CorrectIn = S['CorrectIn'];
export type ElsewhereStanding = S['ElsewhereOut'];
export type ElsewhereCandidate = S['ElsewhereCandidateOut'];
export type PatientLinkRow = S['PatientLinkOut'];
export type ConfirmLinkIn = S['ConfirmLinkIn'];
export type Sharing = S['SharingOut'];
