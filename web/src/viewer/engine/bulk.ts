/** Large values of a description, from the addresses it names. */
import { reach } from '@/api/client';
import type { Stored } from '../model/stored';

const HEAD_END = [13, 10, 13, 10] as const;

function indexOf(bytes: Uint8Array, part: ArrayLike<number>, from: number): number {
  for (let i = from; i <= bytes.length - part.length; i += 1) {
    let n = 0;
    while (n < part.length && bytes[i + n] === part[n]) n += 1;
    if (n === part.length) return i;
  }
  return -1;
}

/** The content of the only part (PS3.18 8.6.1.2). */
export function onlyPart(bytes: Uint8Array<ArrayBuffer>, contentType: string): Uint8Array<ArrayBuffer> {
  const boundary = /boundary="?([^";]+)/i.exec(contentType)?.[1];
  if (!boundary) return bytes;
  const begin = indexOf(bytes, HEAD_END, 0);
  const end = indexOf(bytes, new TextEncoder().encode(`\r\n--${boundary}`), begin + HEAD_END.length);
  if (begin < 0 || end < 0) throw new Error('The answer ends too early.');
  return bytes.slice(begin + HEAD_END.length, end);
}

/** Null where the value is numbers, not bytes. */
export async function bytesOf(stored: Stored, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null> {
  if (stored.kind === 'numbers') return null;
  if (stored.kind === 'bytes') return stored.bytes;
  const headers = { Accept: 'multipart/related; type="application/octet-stream"' };
  const answer = await reach(stored.uri, { headers, cache: 'no-store', signal });
  if (!answer.ok) throw new Error(`The value was not given: ${answer.status}.`);
  return onlyPart(new Uint8Array(await answer.arrayBuffer()), answer.headers.get('Content-Type') ?? '');
}
