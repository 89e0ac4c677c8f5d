let hasBeenInside = false;

/** Somebody was let in on this page. */
export function noteInside(): void {
  hasBeenInside = true;
}

/** Without it no session can have ended here: whatever was refused was asked by a stranger, and the sign-in takes its course. */
export const wasInside = (): boolean => hasBeenInside;
