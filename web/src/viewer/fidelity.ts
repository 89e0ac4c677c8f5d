import type { StudyView } from './state';

/** How much of a study the reader can really see, in counts that can be checked against the hub's. */
export interface Fidelity {
  /** Frames that arrived and decoded whole. */
  full: number;
  /** Frames the hub says it holds. */
  held: number;
  failed: number;
  /** Instances the facility announced that have not arrived; null when nothing was announced. */
  missing: number | null;
  /** Frames the hub counted that its own description of the series does not list. */
  undescribed: number;
  isLossy: boolean;
  isDone: boolean;
}

export function fidelityOf({ source, series }: StudyView): Fidelity {
  const sum = (pick: (one: StudyView['series'][number]) => number): number =>
    series.reduce((total, one) => total + pick(one), 0);
  const pictures = (one: StudyView['series'][number]): number =>
    one.sets.reduce((total, set) => total + set.frames.length, 0);
  const ready = series.filter((one) => one.status === 'ready');
  const held = sum((one) =>
    one.status === 'ready' && one.sets.length === 0 ? 0 : one.declared.frames - one.withoutPicture,
  );
  const full = sum((one) => one.full);
  const failed = sum((one) => one.failed);
  const { expected_count: expected, instance_count: arrived } = source.study;
  return {
    full,
    held,
    failed,
    missing: expected === null ? null : Math.max(0, expected - arrived),
    undescribed: ready
      .filter((one) => one.sets.length > 0)
      .reduce(
        (total, one) => total + Math.max(0, one.declared.frames - one.withoutPicture - pictures(one)),
        0,
      ),
    isLossy: series.some((one) => one.sets.some((set) => set.frames.some((frame) => frame.isLossy))),
    isDone: series.every((one) => one.status !== 'waiting') && full + failed >= held,
  };
}
