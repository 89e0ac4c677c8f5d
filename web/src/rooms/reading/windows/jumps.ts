/** Which window a figure leads to. Pure. */
import type { Role } from './protocol';

const ORDER: readonly Role[] = ['images-1', 'images-2', 'main'];

/** The window that shows the series now; else the first image window; else the main one. */
export function whereTo(
  series: string | null,
  shows: ReadonlyMap<Role, readonly string[]>,
  open: readonly Role[],
): Role {
  const there = ORDER.filter((role) => role === 'main' || open.includes(role));
  const found = series ? there.find((role) => shows.get(role)?.includes(series)) : undefined;
  return found ?? there[0] ?? 'main';
}
