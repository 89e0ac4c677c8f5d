/** Lookup tables: Modality LUT, VOI LUT (PS3.3 C.11.1, C.11.2) and palettes (C.7.6.3.1.5, C.7.9). */
import { type DicomJson, numbers, text } from './metadata';
import { type Stored, storedOf, wordsOf } from './stored';

export interface TableSource {
  /** First stored value the table is for. Smaller ones take its first entry, larger ones than its last take the last. */
  first: number;
  count: number;
  bits: number;
  data: Stored;
  isSegmented: boolean;
  label: string;
}

export interface Table {
  first: number;
  bits: number;
  entries: Uint16Array;
}

const SIGN = 0x8000;
const MOST_ENTRIES = 65_536;

/** [entries, first value, bits]; 0 entries mean 65536. The first value is signed where the pixels are, whatever VR was written. */
export function tableSource(
  json: DicomJson | undefined,
  tags: { descriptor: string; data: string; segmented?: string; label?: string },
  isSigned: boolean,
): TableSource | null {
  const [count, first, bits] = numbers(json, tags.descriptor);
  const plain = storedOf(json, tags.data);
  const data = plain ?? (tags.segmented ? storedOf(json, tags.segmented) : null);
  if (count === undefined || first === undefined || bits === undefined || !data) return null;
  return {
    first: isSigned && first >= SIGN ? first - 2 * SIGN : first,
    count: (count & 0xffff) === 0 ? MOST_ENTRIES : count & 0xffff,
    bits,
    data,
    isSegmented: !plain,
    label: tags.label ? text(json, tags.label) : '',
  };
}

/** Sixteen-bit words, or bytes where there are no more bytes than entries. */
function entriesOf(bytes: Uint8Array, count: number): Uint16Array {
  return bytes.length < count * 2 ? Uint16Array.from(bytes.subarray(0, count)) : wordsOf(bytes);
}

interface Expansion {
  out: Uint16Array;
  at: number;
}

function put(into: Expansion, value: number): void {
  if (into.at >= into.out.length) throw new Error('The segments are longer than the table.');
  into.out[into.at] = value;
  into.at += 1;
}

/** One segment; returns where the next begins. Segments that point back may not point at others that do (C.7.9.2.3). */
function expand(words: Uint16Array, at: number, into: Expansion, mayPoint: boolean): number {
  const word = (i: number): number => {
    const value = words[i];
    if (value === undefined) throw new Error('The segments end too early.');
    return value;
  };
  const [code, length] = [word(at), word(at + 1)];
  if (code === 0) {
    for (let i = 0; i < length; i += 1) put(into, word(at + 2 + i));
    return at + 2 + length;
  }
  if (code === 1 && into.at > 0) {
    const [from, to] = [into.out[into.at - 1] ?? 0, word(at + 2)];
    for (let i = 1; i <= length; i += 1) put(into, Math.round(from + ((to - from) * i) / length));
    return at + 3;
  }
  if (code !== 2 || !mayPoint) throw new Error('There is no such segment.');
  let place = (word(at + 2) + word(at + 3) * 65_536) / 2;
  for (let i = 0; i < length; i += 1) place = expand(words, place, into, false);
  return at + 4;
}

export function expanded(words: Uint16Array, count: number): Uint16Array {
  const into = { out: new Uint16Array(count), at: 0 };
  for (let at = 0; at < words.length && into.at < count; ) at = expand(words, at, into, true);
  if (into.at !== count) throw new Error('The segments are shorter than the table.');
  return into.out;
}

/** Throws where the data do not make the table that was promised: nothing is shown through half a table. */
export function tableFrom(source: TableSource, bytes: Uint8Array | null): Table {
  const { first, bits, count, data } = source;
  const read = (all: Uint8Array): Uint16Array => (source.isSegmented ? wordsOf(all) : entriesOf(all, count));
  const given = data.kind === 'numbers' ? Uint16Array.from(data.numbers) : bytes && read(bytes);
  if (!given) throw new Error('The table has no data.');
  const entries = source.isSegmented ? expanded(given, count) : given.subarray(0, count);
  if (entries.length !== count) throw new Error('The table is shorter than it says.');
  return { first, bits, entries };
}

export function lookUp({ first, entries }: Table, value: number): number {
  const at = Math.min(entries.length - 1, Math.max(0, Math.round(value) - first));
  return entries[at] ?? 0;
}

/** Entries as bytes for the screen. Some tables say 16 bits and only use 8. */
function inBytes({ bits, entries }: Table): Uint8Array {
  const isWide = bits > 8 && entries.some((entry) => entry > 255);
  return Uint8Array.from(entries, (entry) => (isWide ? entry >> 8 : entry));
}

/** Stored values as red, green, blue. All three tables must agree on what they are for. */
export function throughPalette(
  stored: ArrayLike<number>,
  tables: readonly [Table, Table, Table],
): Uint8Array<ArrayBuffer> {
  const [first] = tables;
  if (tables.some((one) => one.first !== first.first || one.entries.length !== first.entries.length))
    throw new Error('The palette contradicts itself.');
  const [red, green, blue] = tables.map(inBytes) as [Uint8Array, Uint8Array, Uint8Array];
  const rgb = new Uint8Array(stored.length * 3);
  const last = first.entries.length - 1;
  for (let i = 0; i < stored.length; i += 1) {
    const at = Math.min(last, Math.max(0, (stored[i] ?? 0) - first.first));
    rgb[i * 3] = red[at] ?? 0;
    rgb[i * 3 + 1] = green[at] ?? 0;
    rgb[i * 3 + 2] = blue[at] ?? 0;
  }
  return rgb;
}
