/** The screens of one case: which window hangs which share, and what they do together. The main window counts and hangs for all. */
import { newId } from '@/ui/ids';
import { type Arrangement, arrangementOf } from '@/viewer/arrangement';
import type { ViewerCase } from '@/viewer/case';
import type { Order } from '@/viewer/hanger';
import { isForOtherScreens } from '@/viewer/hanging/now';
import type { Seat } from '@/viewer/hanging/scenes';
import type { FarPane } from '@/viewer/links';
import { setInPane } from '@/viewer/state';
import { type CaseLink, imagesOf } from './link';
import { openedImages } from './opening';
import { type ImagesRole, isImages, ROLES, type Role, type Saying } from './protocol';

const ANSWER_MS = 2_000;
const JOIN_MS = 10_000;
/** By a timer: a window behind others draws no frames, and would say nothing. */
const FRAME_MS = 16;

/** Windows that were there when the case was opened here and have not joined it yet: the case is hung for them too. */
let awaited: { reading: number; roles: readonly ImagesRole[]; until: number } | null = null;

/** The seat of the main window, counted before any other has spoken: pictures do not wait for that. */
export async function mainSeat(reading: number): Promise<Seat> {
  const found = new Set([...openedImages(), ...(await imagesOf(reading))]);
  awaited = { reading, roles: [...found], until: Date.now() + JOIN_MS };
  return { screens: 1 + found.size, place: 0 };
}

/** A first guess of a window of images; the main one tells it what is so. */
export async function imagesSeat(reading: number, role: ImagesRole): Promise<Seat> {
  const seats = seatsOf([role, ...(await imagesOf(reading))]);
  return { screens: seats.length, place: seats.indexOf(role) };
}

/** Main first, then the windows of images in their order: the first is screen 1. A report is no screen. */
export const seatsOf = (roles: readonly Role[]): Role[] =>
  ROLES.filter((role) => role === 'main' || (isImages(role) && roles.includes(role)));

const peersOf = (link: CaseLink): Role[] => link.store.get().peers.map(({ role }) => role);

function late({ reading }: { reading: number }): readonly ImagesRole[] {
  return awaited?.reading === reading && Date.now() < awaited.until ? awaited.roles : [];
}

/** The main window: counts screens, and hangs for all. `onOther` when what hangs is for other screens than there are. */
export function keepScreens(
  link: CaseLink,
  viewer: ViewerCase,
  onOther: (screens: number) => void,
): () => void {
  const asking = new Set<string>();
  const seats = (): Role[] => seatsOf([...peersOf(link), ...late(link.identity)]);
  const say = (order: Order, to: string | null, isAct: boolean): void =>
    link.say({ kind: 'hang', to, seats: seats(), isAct, ...order });
  const answer = (): void => {
    const { order } = viewer.hanger;
    if (!order) return;
    for (const session of asking) say(order, session, false);
    if (asking.size > 0) link.say({ kind: 'links', ...viewer.links.told() });
    asking.clear();
  };
  let before = 0;
  const look = (): void => {
    const { hanging } = viewer.store.get();
    if (hanging) {
      const { length } = seats();
      viewer.hanger.seat(length);
      if (before !== length && isForOtherScreens(viewer.store.get().hanging)) onOther(length);
      before = length;
    }
    answer();
  };
  viewer.hanger.company = {
    isMain: true,
    tell: (order, isAct) => say(order, null, isAct),
    ask: () => undefined,
  };
  const timer = setTimeout(look, JOIN_MS + 100);
  const stops = [
    link.store.subscribe(look),
    viewer.store.subscribe(() => before === 0 && look()),
    link.on('screens-ask', (_say, { from }) => {
      asking.add(from);
      look();
    }),
    link.on('hang-ask', ({ wish }) => viewer.hanger.grant(wish)),
  ];
  look();
  return () => {
    clearTimeout(timer);
    viewer.hanger.company = null;
    for (const stop of stops) stop();
  };
}

/** A window of images hangs what the main one says, and asks it for everything else. */
export function takeSeat(link: CaseLink, viewer: ViewerCase): () => void {
  const obey = ({ to, fit, scene, seats, isAct }: Saying<'hang'>): void => {
    const place = seats.indexOf(link.role);
    if ((to !== null && to !== link.session) || place < 0) return;
    viewer.hanger.obey({ fit, scene }, { screens: seats.length, place }, isAct);
  };
  const ask = (role: Role): void => {
    if (role === 'main') link.say({ kind: 'screens-ask' });
  };
  viewer.hanger.company = {
    isMain: false,
    tell: () => undefined,
    ask: (wish) => link.say({ kind: 'hang-ask', wish }),
  };
  const stops = [
    link.on('hang', (say, { role }) => role === 'main' && obey(say)),
    link.on('hello', (_say, { role }) => ask(role)),
    link.on('here', (_say, { role }) => ask(role)),
  ];
  ask('main');
  return () => {
    viewer.hanger.company = null;
    for (const stop of stops) stop();
  };
}

/** Panes of all windows of the case scroll together: one word a frame of the screen, and only when something has moved. */
export function scrollTogether(link: CaseLink, viewer: ViewerCase): () => void {
  let last = '';
  let moved: number | null = null;
  let due: ReturnType<typeof setTimeout> | undefined;
  const paneAt = (index: number | null): FarPane | null => {
    const state = viewer.store.get();
    const set = index === null ? null : setInPane(state, index);
    return set && index !== null ? { set: set.id, at: state.panes[index]?.requested ?? 0 } : null;
  };
  const tell = (): void => {
    clearTimeout(due);
    due = undefined;
    const panes = viewer.links.places();
    last = JSON.stringify(panes);
    link.say({ kind: 'places', panes, moved: paneAt(moved) });
    moved = null;
  };
  const soon = (): void => {
    due ??= setTimeout(tell, FRAME_MS);
  };
  viewer.onScroll = (index) => {
    moved = index;
    soon();
  };
  const isElsewhere = (): boolean => JSON.stringify(viewer.links.places()) !== last;
  /* Who aligns declares what stands here now to be the same place: where that is has been said before. */
  viewer.links.onChange = () => {
    if (due !== undefined || isElsewhere()) tell();
    link.say({ kind: 'links', ...viewer.links.told() });
  };
  const stops = [
    viewer.store.subscribe(() => isElsewhere() && soon()),
    link.on('places', ({ panes, moved: by }, { from }) => {
      viewer.links.hearPlaces(from, panes);
      if (by) viewer.follow(viewer.links.hearScroll(by));
      if (by && isElsewhere()) tell();
    }),
    link.on('links', (say) => viewer.links.hear(say)),
    link.on('hello', tell),
    link.on('here', tell),
    link.store.subscribe(() => {
      const there = new Set(link.store.get().peers.map(({ session }) => session));
      viewer.links.keepWindows(there);
    }),
  ];
  tell();
  return () => {
    clearTimeout(due);
    viewer.onScroll = () => undefined;
    viewer.links.onChange = () => undefined;
    for (const stop of stops) stop();
  };
}

/** Any window can ask the others how they are arranged; nothing is saved of only some of them. */
export function gatherHere(link: CaseLink, viewer: ViewerCase, nameOf: (role: Role) => string): () => void {
  const alone = viewer.gather;
  viewer.gather = async () => {
    const own = arrangementOf(viewer);
    const roles = seatsOf([link.role, ...peersOf(link)]);
    const found = await arrangements(
      link,
      roles.filter((role) => role !== link.role),
    );
    const all = roles.map((role) => (role === link.role ? own : found.get(role)));
    const silent = roles.find((_role, at) => all[at] === undefined);
    if (silent) return { silent: nameOf(silent) };
    return all.every((one) => one !== null) ? (all as Arrangement[]) : null;
  };
  const stop = link.on('arrangement-ask', ({ ask }) =>
    link.say({ kind: 'arrangement', ask, arrangement: arrangementOf(viewer) }),
  );
  return () => {
    viewer.gather = alone;
    stop();
  };
}

function arrangements(link: CaseLink, roles: readonly Role[]): Promise<Map<Role, Arrangement | null>> {
  const found = new Map<Role, Arrangement | null>();
  if (roles.length === 0) return Promise.resolve(found);
  const ask = newId();
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      stop();
      resolve(found);
    };
    const timer = setTimeout(finish, ANSWER_MS);
    const stop = link.on('arrangement', (say, { role }) => {
      if (say.ask === ask) found.set(role, say.arrangement);
      if (roles.every((one) => found.has(one))) finish();
    });
    link.say({ kind: 'arrangement-ask', ask });
  });
}
