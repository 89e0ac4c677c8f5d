/**
 * SHA-256 (FIPS 180-4) of a text of plain ASCII, at once: the browser's own answers later and only on safe origins, and a mark must know
 * the name of its stack in the moment it is drawn.
 */

const isPrime = (n: number): boolean => {
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false;
  return true;
};
const PRIMES = Array.from({ length: 310 }, (_, i) => i + 2).filter(isPrime);
const fraction = (x: number): number => ((x - Math.floor(x)) * 2 ** 32) | 0;
/** The standard's constants: the first bits of the fractions of roots of primes. */
const ROUNDS = PRIMES.slice(0, 64).map((prime) => fraction(Math.cbrt(prime)));
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const BLOCK = 64;

const right = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

function padded(text: string): DataView {
  const size = Math.ceil((text.length + 9) / BLOCK) * BLOCK;
  const bytes = new Uint8Array(size);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  bytes[text.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(size - 8, Math.floor((text.length * 8) / 2 ** 32));
  view.setUint32(size - 4, (text.length * 8) >>> 0);
  return view;
}

function schedule(words: Int32Array, view: DataView, from: number): void {
  for (let t = 0; t < 16; t += 1) words[t] = view.getInt32(from + t * 4);
  for (let t = 16; t < 64; t += 1) {
    const [a, b] = [words[t - 15] as number, words[t - 2] as number];
    const low = right(a, 7) ^ right(a, 18) ^ (a >>> 3);
    const high = right(b, 17) ^ right(b, 19) ^ (b >>> 10);
    words[t] = (words[t - 16] as number) + low + (words[t - 7] as number) + high;
  }
}

function compress(state: number[], words: Int32Array): number[] {
  let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t += 1) {
    const choice = (e & f) ^ (~e & g);
    const one = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + choice) | 0;
    const first = (one + (ROUNDS[t] as number) + (words[t] as number)) | 0;
    const second = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + (state[i] as number)) | 0);
}

export function sha256(text: string): string {
  const view = padded(text);
  const words = new Int32Array(64);
  let state: number[] = START;
  for (let from = 0; from < view.byteLength; from += BLOCK) {
    schedule(words, view, from);
    state = compress(state, words);
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
