/** Opens the windows of a case where they stood last, and remembers where they stand. */
import { type Bounds, featuresOf, keptAs, placeFor, readPlacement, type Screen } from './placement';
import { type ImagesRole, isImages, type Role } from './protocol';

interface ScreenDetails extends EventTarget {
  screens: readonly {
    label: string;
    availLeft: number;
    availTop: number;
    availWidth: number;
    availHeight: number;
  }[];
}
type Managing = Window & { getScreenDetails?: () => Promise<ScreenDetails> };

let screens: readonly Screen[] = [];
const opened = new Map<Role, Window>();

const keyOf = (person: number): string => `dokuei.windows.${person}`;
const ownBounds = (): Bounds => ({
  left: window.screenX,
  top: window.screenY,
  width: window.outerWidth,
  height: window.outerHeight,
});

async function learn(): Promise<boolean> {
  const details = await (window as Managing).getScreenDetails?.();
  if (!details) return false;
  const read = (): void => {
    screens = details.screens.map((one) => ({
      label: one.label,
      left: one.availLeft,
      top: one.availTop,
      width: one.availWidth,
      height: one.availHeight,
    }));
  };
  read();
  details.addEventListener('screenschange', read);
  return true;
}

const permission = async (): Promise<PermissionState> => {
  try {
    return (await navigator.permissions.query({ name: 'window-management' as PermissionName })).state;
  } catch {
    return 'denied'; // a browser that does not know of it
  }
};

/** If it was allowed before; nobody is asked. */
export async function knowScreens(): Promise<void> {
  if ((await permission()) === 'granted') await learn().catch(() => false);
}

/** Asks, on somebody's act. */
export const askForScreens = (): Promise<boolean> => learn().catch(() => false);

export const addressOf = (reading: number, role: Role): string => {
  const path = { main: '', 'images-1': '/images/1', 'images-2': '/images/2', report: '/report' }[role];
  return `/reading/${reading}${path}`;
};

/** False when the browser did not let it open. */
export function openWindow(reading: number, role: Role, person: number): boolean {
  const kept = readPlacement(localStorage.getItem(keyOf(person)))[role];
  const bounds = placeFor(role, kept, screens, ownBounds());
  const found = window.open(addressOf(reading, role), `dokuei-${role}`, featuresOf(bounds));
  if (found) opened.set(role, found);
  return found !== null;
}

/** Windows of images this one has opened and that are still there; they follow it to the next case. */
export const openedImages = (): ImagesRole[] =>
  [...opened].flatMap(([role, found]) => (isImages(role) && !found.closed ? [role] : []));

export const toFront = (role: Role): void => opened.get(role)?.focus();

/** A window has no word for having been moved: where it stands is noted when it is left, resized or closed. */
export function rememberPlace(role: Role, person: number): () => void {
  const note = (): void => {
    if (window.outerWidth === 0 || window.outerHeight === 0) return;
    const all = readPlacement(localStorage.getItem(keyOf(person)));
    const kept = keptAs(ownBounds(), screens);
    localStorage.setItem(keyOf(person), JSON.stringify({ ...all, [role]: kept }));
  };
  const events = ['resize', 'blur', 'pagehide'];
  for (const name of events) window.addEventListener(name, note);
  return () => {
    for (const name of events) window.removeEventListener(name, note);
  };
}
