import { QueryClient, useQuery } from '@tanstack/react-query';
import type { LiveChange, Me } from './contract';
import { me } from './hub';
import { isProblem } from './problem';

/** Server state lives here and nowhere else; it is emptied on sign-out. Nothing of it touches the disk. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => count < 2 && isProblem(error) && error.isPassing,
      staleTime: 5_000,
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});

export const meQuery = { queryKey: ['me'], queryFn: me.get, staleTime: 60_000 } as const;

export const useMe = () => useQuery(meQuery);

/** For screens behind the sign-in, where a person is certain. */
export function usePerson(): Me {
  const { data } = useMe();
  if (!data) throw new Error('This screen needs a signed-in person.');
  return data;
}

const TOUCHES: Record<LiveChange['kind'], readonly string[]> = {
  reading: ['readings', 'reading', 'requests', 'request', 'priors', 'reconciliation'],
  request: [
    'requests',
    'request',
    'readings',
    'reading',
    'studies',
    'ask-backs',
    'resolution',
    'reconciliation',
  ],
  study: [
    'studies',
    'study',
    'patient-studies',
    'readings',
    'requests',
    'priors',
    'resolution',
    'reconciliation',
  ],
  /* Not the report being written: its own saves would come back as news. A foreign change shows as a conflict of revisions. */
  report: ['reports', 'report', 'deliveries', 'readings', 'requests'],
  delivery: ['deliveries', 'report'],
  person: ['people', 'me'],
  facility: ['facilities'],
  quarantined: ['quarantine'],
  unlisted: ['unlisted', 'status'],
  storeroom: ['alarms', 'status'],
  hangingprotocol: ['hanging'],
  viewer: ['viewers', 'launches'],
  viewerlaunch: ['launches'],
  certificate: ['reconciliation'],
  hl7message: ['hl7', 'reconciliation'],
  fhirsubmission: ['fhir', 'reconciliation'],
  paper: ['papers', 'requests', 'request', 'readings', 'reading', 'reconciliation'],
  explanation: ['reconciliation'],
  linkcase: ['resolution', 'requests', 'request', 'readings', 'reconciliation'],
  patient: ['patients', 'patient-studies', 'resolution', 'priors'],
  patientlink: ['patients', 'priors', 'prior-reports'],
  askback: ['ask-backs', 'reading-report', 'readings'],
};

/** The hub says only what kind of thing changed; whoever shows such things asks again. */
export function refreshAfter({ kind }: LiveChange): void {
  for (const key of TOUCHES[kind] ?? []) void queries.invalidateQueries({ queryKey: [key] });
}
