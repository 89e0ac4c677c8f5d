/**
 * Standardised uptake by body weight, in g/ml: activity concentration × weight ÷ dose that was left at the time the picture is
 * corrected to. The rules are those of QIBA's vendor-neutral pseudo-code; where it would guess, nothing is computed.
 */
import { type DicomJson, number, sequence, text } from './metadata';

export type SuvLack =
  | 'units'
  | 'correction'
  | 'decay'
  | 'weight'
  | 'dose'
  | 'half_life'
  | 'start'
  | 'scan_time'
  | 'contradiction'
  | 'uneven';

export type Suv =
  | {
      kind: 'factor';
      /** From the picture's values to SUV. */
      factor: number;
      from: 'weight' | 'stored' | 'philips';
      parts: { weightKg: number; doseBq: number; halfLifeS: number; decayS: number } | null;
    }
  | { kind: 'missing'; lacks: readonly SuvLack[] };

const DAY_S = 86_400;
/** Below this a dose was written in another unit than becquerel. */
const LEAST_DOSE_BQ = 1e5;
const MOST_HALF_LIVES = 10;
const SAME_TIME_S = 1;

/** Of instants before 1970 too: dates are shifted when a study is made anonymous. */
const timeOfDay = (instant: number): number => ((instant % DAY_S) + DAY_S) % DAY_S;

const missing = (...lacks: SuvLack[]): Suv => ({ kind: 'missing', lacks });

/** Seconds since midnight of a TM, with or without colons. */
export function secondsOf(tm: string): number | null {
  const found = /^(\d{2}):?(\d{2})?:?(\d{2}(?:\.\d+)?)?$/.exec(tm.trim());
  if (!found) return null;
  const [hours, minutes, seconds] = [1, 2, 3].map((i) => Number(found[i] ?? 0)) as [number, number, number];
  return hours < 24 && minutes < 60 && seconds < 61 ? hours * 3600 + minutes * 60 + seconds : null;
}

/** Days since 1970 of a DA. */
function daysOf(da: string): number | null {
  const found = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(da.trim());
  if (!found) return null;
  const at = Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3]));
  return Number.isFinite(at) ? at / 86_400_000 : null;
}

function instantOf(da: string, tm: string): number | null {
  const [days, seconds] = [daysOf(da), secondsOf(tm)];
  return days === null || seconds === null ? null : days * DAY_S + seconds;
}

/** A DT of the scanner's own clock; one of another clock than the rest is not compared with it. */
export function instantOfDateTime(dt: string, zone: string): number | null {
  const found = /^(\d{8})(\d{2}\d{2}(?:\d{2}(?:\.\d+)?)?)([+-]\d{4})?$/.exec(dt.trim());
  if (!found || (found[3] && found[3] !== zone)) return null;
  return instantOf(found[1] ?? '', found[2] ?? '');
}

/** When a frame was taken, in seconds of the scanner's own clock: as an enhanced frame, the instance or its separate parts say. */
export function acquiredOf(json: DicomJson, content: DicomJson | undefined): number | null {
  const zone = text(json, '00080201');
  return (
    instantOfDateTime(text(content, '00189074'), zone) ??
    instantOf(text(json, '00080022'), text(json, '00080032')) ??
    instantOfDateTime(text(json, '0008002A'), zone)
  );
}

/** What the values are corrected to: the start of the series, unless it was made after its pictures were taken. */
function scanInstant(json: DicomJson): number | null {
  const series = instantOf(text(json, '00080021'), text(json, '00080031'));
  const acquired = instantOf(text(json, '00080022'), text(json, '00080032'));
  return series !== null && acquired !== null && series <= acquired ? series : null;
}

/** Seconds from the injection to the scan. A time without a date may lie before midnight. */
function decaySeconds(json: DicomJson, drug: DicomJson | undefined): number | SuvLack {
  const scan = scanInstant(json);
  if (scan === null) return 'scan_time';
  const written = text(drug, '00181078');
  const clock = secondsOf(text(drug, '00181072'));
  const exact = written ? instantOfDateTime(written, text(json, '00080201')) : null;
  if (written && exact === null) return 'start';
  if (exact !== null) {
    const apart = clock === null ? 0 : Math.abs(timeOfDay(exact) - clock);
    if (apart > SAME_TIME_S && apart < DAY_S - SAME_TIME_S) return 'contradiction';
    return scan - exact >= 0 ? scan - exact : 'contradiction';
  }
  if (clock === null) return 'start';
  const sameDay = timeOfDay(scan) - clock;
  return sameDay >= 0 ? sameDay : sameDay + DAY_S;
}

function byWeight(json: DicomJson): Suv {
  const drugs = sequence(json, '00540016');
  const drug = drugs[0];
  const weightKg = number(json, '00101030') ?? 0;
  const doseBq = number(drug, '00181074') ?? 0;
  const halfLifeS = number(drug, '00181075') ?? 0;
  const correction = text(json, '00541102');
  const corrected = (json['00280051']?.Value ?? []).map(String);
  const decay = correction === 'ADMIN' ? 0 : decaySeconds(json, drug);
  const lacks: (SuvLack | '')[] = [
    corrected.includes('ATTN') && corrected.includes('DECY') ? '' : 'correction',
    correction === 'START' || correction === 'ADMIN' ? '' : 'decay',
    weightKg > 0 ? '' : 'weight',
    doseBq > LEAST_DOSE_BQ ? '' : 'dose',
    halfLifeS > 0 ? '' : 'half_life',
    drugs.length > 1 ? 'contradiction' : '',
    typeof decay === 'string' ? decay : '',
    typeof decay === 'number' && halfLifeS > 0 && decay > MOST_HALF_LIVES * halfLifeS ? 'contradiction' : '',
  ];
  const named = [...new Set(lacks.filter((one): one is SuvLack => one !== ''))];
  if (named.length > 0 || typeof decay === 'string') return missing(...named);
  const left = doseBq * 2 ** (-decay / halfLifeS);
  return {
    kind: 'factor',
    factor: (weightKg * 1000) / left,
    from: 'weight',
    parts: { weightKg, doseBq, halfLifeS, decayS: decay },
  };
}

/** Philips writes the factor for counts into its own group, under its own name. */
function byPhilips(json: DicomJson): Suv {
  const factor = number(json, '70531000') ?? 0;
  const isTheirs = text(json, '70530010').trim() === 'Philips PET Private Group';
  return isTheirs && factor > 0 ? { kind: 'factor', factor, from: 'philips', parts: null } : missing('units');
}

/** Null for what is no PET. */
export function suvOf(json: DicomJson): Suv | null {
  if (text(json, '00080060') !== 'PT') return null;
  switch (text(json, '00541001')) {
    case 'BQML':
      return byWeight(json);
    case 'CNTS':
      return byPhilips(json);
    case 'GML':
      /* Already a SUV; which one is said, and only the one by weight is called so. */
      return ['', 'BW'].includes(text(json, '00541006'))
        ? { kind: 'factor', factor: 1, from: 'stored', parts: null }
        : missing('units');
    default:
      return missing('units');
  }
}
