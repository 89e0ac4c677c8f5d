/** Waveforms of an electrocardiogram in millivolts (PS3.3 C.10.9). */
import { type DicomJson, number, sequence, text } from './metadata';
import { type Stored, storedOf } from './stored';

export interface Lead {
  name: string;
  /** From a stored number to mV; null where the file does not say what its numbers are. */
  mvPerStep: number | null;
  baselineMv: number;
  /** Hz; null where nothing is said. */
  lowHz: number | null;
  highHz: number | null;
  notchHz: number | null;
}

export interface EcgGroup {
  label: string;
  leads: readonly Lead[];
  samples: number;
  hz: number;
  bits: number;
  interpretation: string;
  padding: number | null;
  data: Stored;
}

const PER_MV: Record<string, number> = { uV: 1e-3, mV: 1, V: 1e3 };

/** "Lead I (Einthoven)" and "Lead aVR, augmented voltage, right" as a doctor calls them. */
export function leadName(meaning: string): string {
  const short = /^(?:lead\s+)?(III|II|I|aVR|aVL|aVF|V\d+R?|X|Y|Z)\b/i.exec(meaning.trim());
  return short?.[1] ? short[1].replace(/^av/i, 'aV') : meaning;
}

function leadOf(json: DicomJson): Lead {
  const source = sequence(json, '003A0208')[0];
  const unit = text(sequence(json, '003A0211')[0], '00080100');
  const perMv = PER_MV[unit];
  const sensitivity = number(json, '003A0210');
  const correction = number(json, '003A0212') ?? 1;
  return {
    name: leadName(text(source, '00080104') || text(json, '003A0203')),
    mvPerStep: perMv !== undefined && sensitivity !== null ? sensitivity * correction * perMv : null,
    /* Added after the correction (003A,0213), in the same unit. */
    baselineMv: (number(json, '003A0213') ?? 0) * (perMv ?? 0),
    lowHz: number(json, '003A0220'),
    highHz: number(json, '003A0221'),
    notchHz: number(json, '003A0222'),
  };
}

function groupOf(json: DicomJson): EcgGroup | null {
  const leads = sequence(json, '003A0200').map(leadOf);
  const [samples, hz] = [number(json, '003A0010'), number(json, '003A001A')];
  const data = storedOf(json, '54001010');
  const channels = number(json, '003A0005');
  if (!samples || !hz || !data || leads.length === 0 || channels !== leads.length) return null;
  const padding = storedOf(json, '5400100A');
  return {
    label: text(json, '003A0020'),
    leads,
    samples,
    hz,
    bits: number(json, '54001004') ?? 0,
    interpretation: text(json, '54001006'),
    padding: padding?.kind === 'bytes' ? (decodedSamples(padding.bytes, 16, 'SS')?.[0] ?? null) : null,
    data,
  };
}

export const ecgGroups = (json: DicomJson): EcgGroup[] =>
  sequence(json, '54000100').flatMap((one) => groupOf(one) ?? []);

const READERS = new Map<string, (view: DataView, at: number) => number>([
  ['SS', (view, at) => view.getInt16(at, true)],
  ['US', (view, at) => view.getUint16(at, true)],
  ['SB', (view, at) => view.getInt8(at)],
  ['UB', (view, at) => view.getUint8(at)],
  ['SL', (view, at) => view.getInt32(at, true)],
  ['UL', (view, at) => view.getUint32(at, true)],
]);

/** Null for coded samples (A-law, µ-law) and widths no electrocardiogram has. */
export function decodedSamples(bytes: Uint8Array, bits: number, interpretation: string): Float32Array | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = READERS.get(interpretation);
  const size = { S: 2, B: 1, L: 4 }[interpretation[1] ?? ''];
  if (!read || !size || bits !== size * 8) return null;
  return Float32Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => read(view, i * size));
}

/** Millivolts of each lead, or null where the numbers cannot be vouched for. Samples of the leads stand side by side. */
export function tracesOf(group: EcgGroup, bytes: Uint8Array): Float32Array[] | null {
  const all = decodedSamples(bytes, group.bits, group.interpretation);
  const count = group.leads.length;
  if (!all || all.length < group.samples * count || group.leads.some((one) => one.mvPerStep === null))
    return null;
  return group.leads.map((lead, channel) =>
    Float32Array.from({ length: group.samples }, (_, i) => {
      const stored = all[i * count + channel] ?? 0;
      return stored === group.padding ? Number.NaN : stored * (lead.mvPerStep ?? 0) + lead.baselineMv;
    }),
  );
}

/** An SVG path in millimetres of paper: 25 mm a second, 10 mm a millivolt, up is positive. Gaps stay gaps. */
export function pathOf(trace: Float32Array, hz: number, fromS: number, toS: number): string {
  const first = Math.max(0, Math.round(fromS * hz));
  const last = Math.min(trace.length, Math.round(toS * hz));
  let path = '';
  let isDown = false;
  for (let i = first; i < last; i += 1) {
    const mv = trace[i] as number;
    if (Number.isNaN(mv)) {
      isDown = false;
      continue;
    }
    const x = ((i / hz - fromS) * 25).toFixed(2);
    path += `${isDown ? 'L' : 'M'}${x} ${(-mv * 10).toFixed(2)}`;
    isDown = true;
  }
  return path;
}
