import type { PatientOut } from '@/api/contract';
import { patientName } from '@/ui/patient';
import { useStore } from '@/ui/store';
import type { ViewerCase } from '@/viewer/case';
import { newViewerStore } from '@/viewer/state';
import { useWords } from '@/words';
import type { OnScreen } from './launching';

const NO_VIEWER = newViewerStore();

/** Patient and time as the banner shows them, study and accession number of the pictures that are shown. */
export function useOnScreen(
  viewer: ViewerCase | null,
  patient: PatientOut,
  studyAt: string | null,
): OnScreen | null {
  const words = useWords();
  const current = useStore(
    viewer?.store ?? NO_VIEWER,
    ({ studies }) => studies.find(({ role }) => role === 'current')?.source ?? null,
  );
  if (!current) return null;
  return {
    name: patientName(patient, words),
    patientId: patient.patient_id,
    study: current.study.study_instance_uid,
    studyAt,
    accession: current.study.accession_number,
  };
}
