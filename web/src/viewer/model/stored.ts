/** Values of a description that are bytes: inside it, or at an address of their own. */
import type { DicomJson } from './metadata';

export type Stored =
  | { kind: 'bytes'; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'uri'; uri: string }
  | { kind: 'numbers'; numbers: readonly number[] };

const bytesFrom = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

export function storedOf(json: DicomJson | undefined, tag: string): Stored | null {
  const element = json?.[tag];
  if (!element) return null;
  if (typeof element.InlineBinary === 'string')
    return { kind: 'bytes', bytes: bytesFrom(element.InlineBinary) };
  if (typeof element.BulkDataURI === 'string') return { kind: 'uri', uri: element.BulkDataURI };
  const numbers = (element.Value ?? []).map(Number);
  return numbers.length > 0 && numbers.every(Number.isFinite) ? { kind: 'numbers', numbers } : null;
}

/** As little-endian words. */
export function wordsOf(bytes: Uint8Array): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: Math.floor(bytes.length / 2) }, (_, i) => view.getUint16(i * 2, true));
}
