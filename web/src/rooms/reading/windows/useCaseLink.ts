import { useEffect, useState } from 'react';
import type { ReadingDetail, StudyImages } from '@/api/contract';
import { createStore, useStore } from '@/ui/store';
import type { ViewerCase } from '@/viewer/case';
import { newViewerStore } from '@/viewer/state';
import { areWindowsPossible, CaseLink } from './link';
import type { Identity, Role } from './protocol';
import { begin, type Together } from './together';

/** Reading numbers only: what one window was told to take over from another, across its reload. */
const TAKES_OVER = 'dokuei.takes-over';

export function takeOver(reading: number): void {
  sessionStorage.setItem(TAKES_OVER, String(reading));
  window.location.reload();
}

function takesOver(reading: number): boolean {
  const isSo = sessionStorage.getItem(TAKES_OVER) === String(reading);
  sessionStorage.removeItem(TAKES_OVER);
  return isSo;
}

/** As the hub told this window; every window asks for itself. */
export const identityOf = (reading: ReadingDetail, current: StudyImages, person: number): Identity => ({
  reading: reading.id,
  study: current.study.study_instance_uid,
  patient: `${reading.patient.id} ${reading.patient.patient_id}`,
  accession: current.study.accession_number,
  person,
});

const NO_VIEWER = newViewerStore();

/** Known as soon as the case's images are listed. */
export function useIdentity(
  reading: ReadingDetail,
  viewer: ViewerCase | null,
  person: number | undefined,
): Identity | null {
  const current = useStore(
    viewer?.store ?? NO_VIEWER,
    ({ studies }) => studies.find(({ role }) => role === 'current')?.source ?? null,
  );
  return current && person !== undefined ? identityOf(reading, current, person) : null;
}

/** This window among the others of its case, for as long as it shows it. */
export function useCaseLink(identity: Identity | null, role: Role): CaseLink | null {
  const [link, setLink] = useState<CaseLink | null>(null);
  const key = identity && JSON.stringify(identity);
  useEffect(() => {
    if (!key || !areWindowsPossible()) return;
    const own = JSON.parse(key) as Identity;
    const made = new CaseLink(own, role, takesOver(own.reading));
    setLink(made);
    return () => {
      made.close('left');
      setLink(null);
    };
  }, [key, role]);
  return link;
}

const NOBODY: Identity = { reading: 0, study: '', patient: '', accession: '', person: 0 };
const ALONE = createStore<Together>(begin(NOBODY, 'main', ''));

export const useTogether = <Part>(link: CaseLink | null, pick: (state: Together) => Part): Part =>
  useStore(link?.store ?? ALONE, pick);
