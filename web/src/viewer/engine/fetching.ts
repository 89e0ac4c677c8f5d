/** The bytes of one frame from the hub: whole, or first the prefix that holds its small resolutions and later the rest. */
import { reach } from '@/api/client';
import { line } from '../line';
import { endsTooEarly } from '../model/bitstream';
import { FrameError } from './fault';

export interface FrameBytes {
  bytes: Uint8Array<ArrayBuffer>;
  /** The transfer syntax they came in. */
  syntax: string;
}

/** The beginning of a frame, and which version of the frame it is the beginning of. */
export interface Prefix extends FrameBytes {
  etag: string;
}

export interface Asking {
  /** Uncompressed, decoded by the hub: for what has to be read here and not by the engine. */
  isPlain?: boolean;
  signal?: AbortSignal;
  isUrgent?: boolean;
  /** Takes what has come when the rest is given up or the line dies. */
  onPartial?: (begun: Prefix) => void;
  /** Is given the beginning, once so many bytes of the frame have come and more are to follow. */
  beginning?: { end: number; take: (bytes: Uint8Array<ArrayBuffer>) => void };
}

/** One frame as it lies in the archive, without a multipart envelope (PS3.18 10.4.1.1.6, 8.7.3). */
const ACCEPT = 'application/octet-stream; transfer-syntax=*';
const ACCEPT_PLAIN = 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1';
const PARTIAL = 206;

const addressOf = (imageId: string): string => imageId.slice(imageId.indexOf(':') + 1);

const syntaxOf = (answer: Response): string =>
  /transfer-syntax="?([0-9.]+)/i.exec(answer.headers.get('Content-Type') ?? '')?.[1] ?? '';

interface Answer extends Prefix {
  isPartial: boolean;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * The body piece by piece: the line is measured as it goes, the beginning is shown to whoever wants it, and what has come is not
 * lost when it ends early. `before` is what was here already.
 */
async function receive(
  answer: Response,
  before: readonly Uint8Array[],
  asking: Asking,
  onStopped: (bytes: Uint8Array<ArrayBuffer>) => void,
) {
  const parts = [...before];
  let length = joined(before).length;
  let { beginning } = asking;
  const reader = answer.body?.getReader();
  try {
    for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
      parts.push(next.value);
      length += next.value.length;
      line.came(performance.now(), next.value.length);
      if (beginning && length >= beginning.end) {
        beginning.take(joined(parts).slice(0, beginning.end));
        beginning = undefined;
      }
    }
  } catch (error) {
    if (parts.length > before.length) onStopped(joined(parts));
    throw error;
  }
  return joined(parts);
}

async function send(
  imageId: string,
  asking: Asking,
  begun: Prefix | null,
  headers: Record<string, string>,
): Promise<Answer> {
  const answer = await reach(addressOf(imageId), {
    headers: { Accept: asking.isPlain ? ACCEPT_PLAIN : ACCEPT, ...headers },
    cache: 'no-store',
    priority: asking.isUrgent ? 'high' : 'low',
    signal: asking.signal,
  });
  if (!answer.ok) throw new FrameError(answer.status >= 500 ? 'unreachable' : 'refused');
  const isPartial = answer.status === PARTIAL;
  const about = { syntax: syntaxOf(answer), etag: answer.headers.get('ETag') ?? '' };
  const before = begun && isPartial ? [begun.bytes] : [];
  const bytes = await receive(answer, before, asking, (some) => {
    if (about.etag) asking.onPartial?.({ ...about, bytes: some });
  });
  return { ...about, isPartial, bytes };
}

/** A line that dies in the middle of an answer is as unreachable as one that was dead before. */
async function ask(
  imageId: string,
  asking: Asking,
  begun: Prefix | null,
  headers: Record<string, string>,
): Promise<Answer> {
  line.begin(performance.now());
  try {
    return await send(imageId, asking, begun, headers);
  } catch (error) {
    if (asking.signal?.aborted || error instanceof FrameError) throw error;
    throw new FrameError('unreachable');
  } finally {
    line.end(performance.now());
  }
}

/** The first bytes of a packed frame, up to the end of a resolution that the manifest named. */
export async function fetchPrefix(imageId: string, end: number, asking: Asking): Promise<Prefix> {
  const { bytes, syntax, etag } = await ask(imageId, asking, null, { Range: `bytes=0-${end - 1}` });
  return { bytes, syntax, etag };
}

/** The whole frame. What is here of it already is not fetched again, unless the hub has another version of it now. */
export async function fetchFrame(
  imageId: string,
  asking: Asking,
  begun: Prefix | null = null,
): Promise<FrameBytes> {
  const known = begun?.etag ? begun : null;
  const rest = known && { Range: `bytes=${known.bytes.length}-`, 'If-Range': known.etag };
  const { bytes, syntax } = await ask(imageId, asking, known, rest ?? {});
  if (endsTooEarly(bytes, syntax)) throw new FrameError('incomplete');
  return { bytes, syntax };
}
