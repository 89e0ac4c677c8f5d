/** When which frame of a film is shown. No clock here: time is an argument. */
import { type DicomJson, number, numbers, sequence, text } from './metadata';

export type ClipSource =
  | 'frame_time'
  | 'frame_time_vector'
  | 'frame_instants'
  | 'recommended_rate'
  | 'cine_rate'
  /** Nothing is stored: the viewer's own rate. */
  | 'usual';

export interface Clip {
  /** Frames of the instance. */
  frames: number;
  source: ClipSource;
  /** How long each frame stands, ms. */
  standsMs: readonly number[];
}

export type Way = 'loop' | 'there_and_back';

const USUAL_MS = 100;
/** No screen shows more, and no film is meant to stand longer. */
const [SHORTEST_MS, LONGEST_MS] = [5, 10_000];

const isSensible = (ms: number): boolean => ms >= SHORTEST_MS && ms <= LONGEST_MS;
const even = (frames: number, ms: number): number[] => Array.from({ length: frames }, () => ms);

/** The vector holds the time since the frame before; the first of it is of no frame, and the last frame stands as the one before. */
function fromVector(vector: readonly number[], frames: number): number[] | null {
  if (vector.length !== frames || frames < 2) return null;
  const stands = [...vector.slice(1), vector[frames - 1] ?? 0];
  return stands.every(isSensible) ? stands : null;
}

function millisecondsOf(dt: string): number | null {
  const found = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2}(?:\.\d+)?)/.exec(dt);
  if (!found) return null;
  const [year, month, day, hour, minute] = found.slice(1, 6).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute) + Number(found[6]) * 1000;
}

/** Enhanced objects say when each frame was taken (Frame Acquisition DateTime); only rising times are a film. */
function fromInstants(json: DicomJson, frames: number): number[] | null {
  const taken = sequence(json, '52009230').map((group) =>
    millisecondsOf(text(sequence(group, '00209111')[0], '00189074')),
  );
  if (taken.length !== frames || frames < 2 || taken.some((at) => at === null)) return null;
  const at = taken as number[];
  const steps = at.slice(1).map((one, i) => one - (at[i] ?? 0));
  const stands = [...steps, steps.at(-1) ?? 0];
  return stands.every(isSensible) ? stands : null;
}

/** Null for an instance of one frame. */
export function clipOf(json: DicomJson): Clip | null {
  const frames = number(json, '00280008') ?? 1;
  if (frames < 2) return null;
  const time = number(json, '00181063') ?? 0;
  const vector = fromVector(numbers(json, '00181065'), frames);
  const instants = fromInstants(json, frames);
  const pointer = text(json, '00280009').replaceAll(/\D/g, '');
  if (vector && (pointer === '00181065' || !isSensible(time)))
    return { frames, source: 'frame_time_vector', standsMs: vector };
  if (isSensible(time)) return { frames, source: 'frame_time', standsMs: even(frames, time) };
  if (instants) return { frames, source: 'frame_instants', standsMs: instants };
  const rates = [
    ['recommended_rate', number(json, '00082144') ?? 0],
    ['cine_rate', number(json, '00180040') ?? 0],
  ] as const;
  for (const [source, rate] of rates)
    if (rate > 0 && isSensible(1000 / rate)) return { frames, source, standsMs: even(frames, 1000 / rate) };
  return usualClip(frames);
}

/** A stack of slices may be looked at as a film too. */
export const usualClip = (frames: number): Clip => ({
  frames,
  source: 'usual',
  standsMs: even(frames, USUAL_MS),
});

export const lengthMs = ({ standsMs }: Clip): number => standsMs.reduce((sum, ms) => sum + ms, 0);

/** When a frame begins, from the beginning of the film. */
export const beginsMs = ({ standsMs }: Clip, index: number): number =>
  standsMs.slice(0, index).reduce((sum, ms) => sum + ms, 0);

function frameWithin(standsMs: readonly number[], ms: number): number {
  let until = 0;
  for (const [index, stands] of standsMs.entries()) {
    until += stands;
    if (ms < until) return index;
  }
  return standsMs.length - 1;
}

/** Which frame stands after so much film time. There and back, both ends are shown once. */
export function frameAfter(clip: Clip, ms: number, way: Way): number {
  const last = clip.standsMs.length - 1;
  if (last <= 0) return 0;
  if (way === 'loop') return frameWithin(clip.standsMs, ms % lengthMs(clip));
  const back = clip.standsMs.slice(1, last).reverse();
  const at = frameWithin(
    [...clip.standsMs, ...back],
    ms % (lengthMs(clip) + back.reduce((a, b) => a + b, 0)),
  );
  return at <= last ? at : 2 * last - at;
}

/** Film time at which playing goes on from a frame. */
export const resumeMs = (clip: Clip, index: number): number =>
  beginsMs(clip, Math.min(index, clip.standsMs.length - 1));

export const SPEEDS: readonly number[] = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4];

export function nextSpeed(speed: number, way: 1 | -1): number {
  const further = way > 0 ? SPEEDS.find((one) => one > speed) : SPEEDS.findLast((one) => one < speed);
  return further ?? speed;
}

export const framesASecond = (clip: Clip, speed: number): number =>
  (clip.standsMs.length / lengthMs(clip)) * 1000 * speed;
