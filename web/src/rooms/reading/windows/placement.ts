/** Where the windows of a person stand on this machine. Bounds belong to the machine; nothing of a patient is kept with them. */
import type { Role } from './protocol';

export interface Bounds {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Screen extends Bounds {
  label: string;
}

/** A screen is known again by its name and its size: the browser gives it no other identity. */
export interface Kept extends Bounds {
  screen: { label: string; width: number; height: number } | null;
}

export type Placement = Partial<Record<Role, Kept>>;

const LEAST = 200;
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false;
  const { left, top, width, height, screen } = value as Kept;
  const isScreen =
    screen === null ||
    (typeof screen?.label === 'string' && isNumber(screen.width) && isNumber(screen.height));
  return [left, top, width, height].every(isNumber) && width >= LEAST && height >= LEAST && isScreen;
}

export function readPlacement(text: string | null): Placement {
  try {
    const found: unknown = JSON.parse(text ?? '{}');
    if (typeof found !== 'object' || found === null) return {};
    return Object.fromEntries(Object.entries(found).filter(([, value]) => isKept(value)));
  } catch {
    return {};
  }
}

const holds = (screen: Bounds, { left, top, width, height }: Bounds): boolean => {
  const [x, y] = [left + width / 2, top + height / 2];
  return (
    x >= screen.left && x < screen.left + screen.width && y >= screen.top && y < screen.top + screen.height
  );
};

/** The screen a window is on: where its middle is. */
export const screenOf = (bounds: Bounds, screens: readonly Screen[]): Screen | null =>
  screens.find((one) => holds(one, bounds)) ?? null;

/** Relative to its screen, so that it is found again when screens were plugged in another order. */
export function keptAs(bounds: Bounds, screens: readonly Screen[]): Kept {
  const screen = screenOf(bounds, screens);
  if (!screen) return { ...bounds, screen: null };
  const { label, width, height } = screen;
  return {
    ...bounds,
    left: bounds.left - screen.left,
    top: bounds.top - screen.top,
    screen: { label, width, height },
  };
}

const inside = (wanted: Bounds, screen: Bounds): Bounds => {
  const [width, height] = [Math.min(wanted.width, screen.width), Math.min(wanted.height, screen.height)];
  return {
    left: Math.min(Math.max(wanted.left, screen.left), screen.left + screen.width - width),
    top: Math.min(Math.max(wanted.top, screen.top), screen.top + screen.height - height),
    width,
    height,
  };
};

const ORDER: Record<Role, number> = { main: 0, 'images-1': 0, 'images-2': 1, report: 0 };

/**
 * Where to open a window. As it stood last, if its screen is there; else on a screen of its own, if there is one; else beside
 * the window that opens it. Without knowledge of the screens there is only the one this window is on.
 */
export function placeFor(
  role: Role,
  kept: Kept | undefined,
  screens: readonly Screen[],
  opener: Bounds,
): Bounds {
  const own = screenOf(opener, screens);
  const home = screens.find(
    (one) =>
      kept?.screen &&
      one.label === kept.screen.label &&
      one.width === kept.screen.width &&
      one.height === kept.screen.height,
  );
  if (kept && home) return inside({ ...kept, left: kept.left + home.left, top: kept.top + home.top }, home);
  if (kept && !kept.screen) return own ? inside(kept, own) : boundsOf(kept);
  const others = screens.filter((one) => one !== own);
  const other = others[ORDER[role]] ?? others[0];
  if (other) return boundsOf(other);
  const [width, height] = [Math.max(LEAST, Math.round(opener.width * 0.6)), opener.height];
  const beside = { left: opener.left + Math.round(opener.width * 0.4), top: opener.top, width, height };
  return own ? inside(beside, own) : beside;
}

const boundsOf = ({ left, top, width, height }: Bounds): Bounds => ({ left, top, width, height });

export const featuresOf = ({ left, top, width, height }: Bounds): string =>
  `popup,left=${Math.round(left)},top=${Math.round(top)},width=${Math.round(width)},height=${Math.round(height)}`;
