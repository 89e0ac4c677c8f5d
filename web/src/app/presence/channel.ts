/** What the windows of one browser tell each other about the person at it. No word of a patient. */

export type PresenceSay =
  | { kind: 'input'; at: number }
  /** Presence was confirmed; whoever hears it asks the hub for itself. */
  | { kind: 'back' }
  | { kind: 'away' }
  | { kind: 'ended' }
  | { kind: 'save'; ask: string }
  | { kind: 'saved'; ask: string; isSaved: boolean };

export type PresenceMessage = PresenceSay & { person: number };

export const PRESENCE = 'dokuei.presence';

/** Only what is well formed is heard; anything else is as if it had not been said. */
export function presenceMessage(data: unknown): PresenceMessage | null {
  if (typeof data !== 'object' || data === null) return null;
  const { kind, person, at, ask, isSaved } = data as Record<string, unknown>;
  if (!Number.isInteger(person)) return null;
  const by = { person: person as number };
  if (kind === 'back' || kind === 'away' || kind === 'ended') return { kind, ...by };
  if (kind === 'input' && typeof at === 'number' && Number.isFinite(at)) return { kind, at, ...by };
  if (typeof ask !== 'string' || ask.length > 60) return null;
  if (kind === 'save') return { kind, ask, ...by };
  return kind === 'saved' && typeof isSaved === 'boolean' ? { kind, ask, isSaved, ...by } : null;
}
