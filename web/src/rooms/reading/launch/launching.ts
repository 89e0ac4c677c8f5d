/** The case's doors to viewers elsewhere: which there are, what was opened, whether one shows somebody else. */
import { useQuery } from '@tanstack/react-query';
import type { Launch, LaunchAsked, Launchable } from '@/api/contract';
import { launches } from '@/api/hub';

/** A reading, or a study as its facility looks at it. */
export type Door = Readonly<{ kind: 'reading' | 'study'; id: number }>;

/** Whose pictures stand on this very screen, in the words that stand there. */
export interface OnScreen {
  name: string;
  patientId: string;
  study: string;
  studyAt: string | null;
  accession: string;
}

export interface Launching {
  door: Door;
  viewers: readonly Launchable[];
  /** The newest first. */
  launched: readonly Launch[];
  /** What somebody has to look at before anything goes on. */
  another: Launch | null;
}

const NONE: readonly never[] = [];

export function useLaunching(kind: Door['kind'], id: number): Launching {
  const { data } = useQuery({
    queryKey: ['launches', kind, id],
    queryFn: ({ signal }) => launches.of(kind, id, signal),
    gcTime: 0,
  });
  const launched = data?.launches ?? NONE;
  const another = launched.find(({ state }) => state === 'differs') ?? null;
  return { door: { kind, id }, viewers: data?.viewers ?? NONE, launched, another };
}

export const asked = (viewer: Launchable, on: OnScreen): LaunchAsked => ({
  viewer_id: viewer.id,
  patient_id: on.patientId,
  study_instance_uid: on.study,
  accession_number: on.accession,
});

/** The page that opens knows neither this window nor its address. */
export function goTo(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.click();
}
