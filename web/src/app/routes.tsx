import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  useNavigate,
} from '@tanstack/react-router';
import { useEffect } from 'react';
import { meQuery, queries } from '@/api/cache';
import type { Me } from '@/api/contract';
import { trustHubClock } from '@/ui/now';
import { schemeStore } from '@/ui/theme';
import { beginCase } from '@/viewer/early';
import { Crashed, Missing, Waiting } from './Fallbacks';
import { firstPlace, fittingScheme } from './places';
import { Shell } from './Shell';
import { AnswerByLink } from './session/AnswerByLink';
import { Invitation } from './session/Invitation';
import { noteInside } from './session/inside';
import { SecondFactor } from './session/SecondFactor';
import { SignIn } from './session/SignIn';

async function whoAmI(): Promise<Me> {
  const me = await queries.ensureQueryData(meQuery);
  trustHubClock(me.server_time);
  return me;
}

const rootRoute = createRootRoute({
  component: Outlet,
  notFoundComponent: Missing,
  errorComponent: Crashed,
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { ended?: boolean } =>
    search.ended ? { ended: true } : {},
  beforeLoad: async () => {
    const me = await whoAmI();
    if (me.stage === 'full') throw redirect({ to: '/' });
    if (me.stage === 'first_factor') throw redirect({ to: '/second-factor' });
  },
  component: function SignInPage() {
    const navigate = useNavigate();
    const { ended } = signInRoute.useSearch();
    return <SignIn isEnded={ended === true} onSignedIn={() => void navigate({ to: '/' })} />;
  },
});

const secondFactorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/second-factor',
  beforeLoad: async () => {
    if ((await whoAmI()).stage === 'anonymous') throw redirect({ to: '/sign-in' });
  },
  component: function SecondFactorPage() {
    const navigate = useNavigate();
    return <SecondFactor onDone={() => void navigate({ to: '/' })} />;
  },
});

const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invitation/$token',
  beforeLoad: whoAmI,
  component: function InvitationPage() {
    const navigate = useNavigate();
    const accepted = async (): Promise<void> => {
      await queries.invalidateQueries({ queryKey: ['me'] });
      await navigate({ to: '/second-factor' });
    };
    return <Invitation token={invitationRoute.useParams().token} onAccepted={() => void accepted()} />;
  },
});

const answerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/answer',
  beforeLoad: whoAmI,
  component: function AnswerPage() {
    return <AnswerByLink secret={window.location.hash.slice(1)} />;
  },
});

const insideRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'inside',
  beforeLoad: async () => {
    const me = await whoAmI();
    if (me.stage === 'anonymous') throw redirect({ to: '/sign-in' });
    if (me.stage === 'first_factor') throw redirect({ to: '/second-factor' });
    noteInside();
    return { me };
  },
  component: function Inside() {
    const { me } = insideRoute.useRouteContext();
    const fitting = fittingScheme(me);
    useEffect(() => schemeStore.set({ fitting }), [fitting]);
    return <Shell />;
  },
});

const homeRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/',
  beforeLoad: ({ context }) => {
    throw redirect({ to: firstPlace(context.me) });
  },
});

const numeric = {
  parse: ({ id }: { id: string }) => ({ id: Number(id) }),
  stringify: ({ id }: { id: number }) => ({ id: String(id) }),
};

const worklistRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/worklist',
  component: lazyRouteComponent(() => import('@/rooms/worklist/Worklist'), 'Worklist'),
});

/** What a case needs is asked while its screen is still being built. */
const beforeCase = ({ cause, location }: { cause: string; location: { pathname: string } }): void => {
  if (cause === 'enter') beginCase(location.pathname);
};

const readingRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/reading/$id',
  params: numeric,
  beforeLoad: beforeCase,
  component: lazyRouteComponent(() => import('@/rooms/reading/ReadingPage'), 'ReadingPage'),
});

const readingImagesRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/reading/$id/images/$place',
  params: {
    parse: ({ id, place }: { id: string; place: string }) => ({ id: Number(id), place: Number(place) }),
    stringify: ({ id, place }: { id: number; place: number }) => ({ id: String(id), place: String(place) }),
  },
  beforeLoad: beforeCase,
  component: lazyRouteComponent(() => import('@/rooms/reading/windows/ImagesWindow'), 'ImagesPage'),
});

const readingReportRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/reading/$id/report',
  params: numeric,
  component: lazyRouteComponent(() => import('@/rooms/reading/windows/ReportWindow'), 'ReportWindowPage'),
});

const studyImagesRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/studies/$id/images',
  params: numeric,
  beforeLoad: beforeCase,
  /* A key image of a report to begin with; only the hub's own numbers stand in an address. */
  validateSearch: (search: Record<string, unknown>): { report?: number; figure?: number } => {
    const [report, figure] = [Number(search.report), Number(search.figure)];
    return report > 0 && figure > 0 ? { report, figure } : {};
  },
  component: lazyRouteComponent(() => import('@/rooms/reading/StudyPage'), 'StudyPage'),
});

const arrivalsRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/arrivals',
  validateSearch: (search: Record<string, unknown>): { q?: string } =>
    typeof search.q === 'string' && search.q ? { q: search.q } : {},
  component: lazyRouteComponent(() => import('@/rooms/intake/Arrivals'), 'Arrivals'),
});

const requestsRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/requests',
  component: lazyRouteComponent(() => import('@/rooms/intake/Requests'), 'Requests'),
});

const requestRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/requests/$id',
  params: numeric,
  component: lazyRouteComponent(() => import('@/rooms/intake/RequestPage'), 'RequestPage'),
});

const coachingRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/coaching',
  component: lazyRouteComponent(() => import('@/rooms/intake/Coaching'), 'Coaching'),
});

const askBacksRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/ask-backs',
  component: lazyRouteComponent(() => import('@/rooms/askbacks/AskBacksPage'), 'AskBacksPage'),
});

const resolutionRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/resolution',
  validateSearch: (search: Record<string, unknown>): { case?: number } =>
    Number(search.case) > 0 ? { case: Number(search.case) } : {},
  component: lazyRouteComponent(() => import('@/rooms/resolution/ResolutionPage'), 'ResolutionPage'),
});

const patientsRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/patients',
  validateSearch: (search: Record<string, unknown>): { id?: number } =>
    Number(search.id) > 0 ? { id: Number(search.id) } : {},
  component: lazyRouteComponent(() => import('@/rooms/patients/PatientsPage'), 'PatientsPage'),
});

const papersRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/papers',
  component: lazyRouteComponent(() => import('@/rooms/paper/PapersPage'), 'PapersPage'),
});

const paperRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/papers/$id',
  params: numeric,
  component: lazyRouteComponent(() => import('@/rooms/paper/PaperPage'), 'PaperPage'),
});

const deliveriesRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/reports',
  component: lazyRouteComponent(() => import('@/rooms/delivery/Deliveries'), 'Deliveries'),
});

const reportRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/reports/$id',
  params: numeric,
  component: lazyRouteComponent(() => import('@/rooms/delivery/ReportPage'), 'ReportPage'),
});

const reconciliationRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/reconciliation',
  validateSearch: (search: Record<string, unknown>): { facility?: number } => {
    const facility = Number(search.facility);
    return facility > 0 ? { facility } : {};
  },
  component: lazyRouteComponent(
    () => import('@/rooms/reconciliation/ReconciliationPage'),
    'ReconciliationPage',
  ),
});

const adminPages = {
  people: () => import('@/rooms/admin/People').then((m) => m.People),
  facilities: () => import('@/rooms/admin/Facilities').then((m) => m.Facilities),
  'request-rules': () => import('@/rooms/admin/RequestRules').then((m) => m.RequestRules),
  'prior-rules': () => import('@/rooms/admin/PriorRules').then((m) => m.PriorRules),
  tokens: () => import('@/rooms/admin/Tokens').then((m) => m.Tokens),
  audit: () => import('@/rooms/admin/Audit').then((m) => m.Audit),
  quarantine: () => import('@/rooms/admin/Quarantine').then((m) => m.Quarantine),
  status: () => import('@/rooms/admin/Status').then((m) => m.Status),
};

const adminRoutes = Object.entries(adminPages).map(([name, load]) =>
  createRoute({
    getParentRoute: () => insideRoute,
    path: `/admin/${name}`,
    component: lazyRouteComponent(async () => ({ default: await load() })),
  }),
);

const sessionsRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/me/sessions',
  component: lazyRouteComponent(() => import('@/rooms/admin/Sessions'), 'Sessions'),
});

const hangingRoute = createRoute({
  getParentRoute: () => insideRoute,
  path: '/me/hanging',
  component: lazyRouteComponent(() => import('@/rooms/admin/Hanging'), 'Hanging'),
});

const routeTree = rootRoute.addChildren([
  signInRoute,
  secondFactorRoute,
  invitationRoute,
  answerRoute,
  insideRoute.addChildren([
    homeRoute,
    worklistRoute,
    readingRoute,
    readingImagesRoute,
    readingReportRoute,
    studyImagesRoute,
    arrivalsRoute,
    requestsRoute,
    requestRoute,
    coachingRoute,
    askBacksRoute,
    resolutionRoute,
    patientsRoute,
    papersRoute,
    paperRoute,
    deliveriesRoute,
    reportRoute,
    reconciliationRoute,
    sessionsRoute,
    hangingRoute,
    ...adminRoutes,
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPendingComponent: Waiting,
  defaultPendingMs: 300,
  defaultErrorComponent: Crashed,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
