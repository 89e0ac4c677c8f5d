import type { RequestIn, RequestOut, Stated, StudyOut } from '@/api/contract';

const BLANK: Omit<RequestIn, 'study_ids' | 'exam'> = {
  stated: null,
  urgency: 'next_clinical_day',
  urgency_reason: '',
  question: '',
  complaint: '',
  history: '',
  course: '',
  surgery: '',
  surgery_when: '',
  malignancy: 'unknown',
  malignancy_note: '',
  labs: '',
  renal: { egfr: null, creatinine: null, measured_on: null },
  risk: {
    allergy: 'unknown',
    allergy_note: '',
    asthma: 'unknown',
    metformin: 'unknown',
    pregnancy: 'unknown',
  },
  mr_safety: {
    pacemaker: 'unknown',
    aneurysm_clip: 'unknown',
    cochlear_implant: 'unknown',
    other_metal: 'unknown',
    claustrophobia: 'unknown',
    note: '',
  },
  contrast: {
    planned: 'unknown',
    given: 'unknown',
    agent: '',
    concentration: '',
    dose_ml: null,
    rate_ml_s: null,
    phases: '',
    reaction: 'unknown',
    reaction_note: '',
    note: '',
  },
  comparison: { state: 'not_asked', where_when: '', report_text: '' },
  requester_name: '',
  requester_department: '',
  callback_phone: '',
};

/** A new request knows what the images themselves say, and nothing more. */
export function blankRequest(study: StudyOut): RequestIn & { facility_id: number } {
  return {
    ...BLANK,
    facility_id: study.facility.id,
    study_ids: [study.id],
    exam: {
      modality: study.modalities[0] ?? '',
      body_part: study.body_part,
      description: study.description,
      jj1017: null,
    },
  };
}

const NOBODY: Stated['patient'] = {
  patient_id: '',
  issuer: '',
  name_kanji: '',
  name_kana: '',
  name_romaji: '',
  birth_on: null,
  sex: '',
};

/** A request before its images says itself whose exam it is; of the rest nothing is known yet. */
export function blankBefore(facility_id: number, today: string): RequestIn & { facility_id: number } {
  const numbers = {
    accession_number: '',
    study_instance_uid: '',
    placer_order_number: '',
    filler_order_number: '',
  };
  return {
    ...BLANK,
    facility_id,
    study_ids: [],
    exam: { modality: '', body_part: '', description: '', jj1017: null },
    stated: { patient: NOBODY, numbers, exam_on: today },
  };
}

/** The part of a request that a person writes; the rest is the hub's. */
export function contentOf(request: RequestOut): RequestIn {
  const said = Object.keys(BLANK) as (keyof typeof BLANK)[];
  const written = Object.fromEntries(said.map((name) => [name, request[name]])) as typeof BLANK;
  return { ...written, study_ids: request.study_ids, exam: request.exam };
}
