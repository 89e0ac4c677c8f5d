/** Plays stacks as films. Frames are shown at their time or not at all; what is not here whole is waited for, visibly. */
import type { ViewerCase } from './case';
import { type Clip, frameAfter, resumeMs, usualClip } from './model/cine';
import type { DisplaySet } from './model/stacks';
import { type FilmState, setInPane } from './state';

/** A clip of its own, or the usual rate for a stack of slices. */
export function clipIn(set: DisplaySet): Clip {
  const own = set.frames[0]?.clip;
  return own && own.frames === set.frames.length ? own : usualClip(set.frames.length);
}

/** A film begins at its beginning; frames with places of their own in the patient are a stack. */
export const isFilm = (set: DisplaySet): boolean =>
  set.order !== 'position' && set.frames[0]?.clip?.frames === set.frames.length;

/** A tab in the background hears no clock; the film goes on where it was. */
const LONGEST_STEP_MS = 500;

interface Run {
  setId: string;
  filmMs: number;
  at: number;
}

const FRESH: FilmState = { isPlaying: false, speed: 1, way: 'loop', isWaiting: false };

export class Film {
  private readonly viewer: ViewerCase;
  private readonly runs = new Map<number, Run>();
  private ticking = 0;

  constructor(viewer: ViewerCase) {
    this.viewer = viewer;
  }

  stateOf(index: number): FilmState {
    return this.viewer.store.get().panes[index]?.film ?? FRESH;
  }

  change(index: number, change: Partial<FilmState>): void {
    this.viewer.changePane(index, { film: { ...this.stateOf(index), ...change } });
  }

  toggle(index: number): void {
    if (this.stateOf(index).isPlaying) this.stop(index);
    else this.play(index);
  }

  play(index: number): void {
    const set = setInPane(this.viewer.store.get(), index);
    if (!set || set.frames.length < 2) return;
    const from = this.viewer.store.get().panes[index]?.requested ?? 0;
    this.runs.set(index, { setId: set.id, filmMs: resumeMs(clipIn(set), from), at: performance.now() });
    this.change(index, { isPlaying: true, isWaiting: false });
    this.ticking ||= requestAnimationFrame(this.tick);
  }

  stop(index: number): void {
    this.runs.delete(index);
    if (this.viewer.store.get().panes[index]?.film)
      this.change(index, { isPlaying: false, isWaiting: false });
  }

  close(): void {
    this.runs.clear();
    cancelAnimationFrame(this.ticking);
    this.ticking = 0;
  }

  private readonly tick = (now: number): void => {
    for (const [index, run] of this.runs) this.step(index, run, now);
    this.ticking = this.runs.size > 0 ? requestAnimationFrame(this.tick) : 0;
  };

  /** A frame that cannot be had ends the film there, and says why. */
  private fail(index: number, run: Run, at: number): void {
    if (this.runs.get(index) !== run) return;
    this.stop(index);
    this.viewer.goTo(index, at, null);
  }

  private step(index: number, run: Run, now: number): void {
    const state = this.viewer.store.get();
    const pane = state.panes[index];
    const set = setInPane(state, index);
    /* Another stack hangs here now: it has not been asked to play. */
    if (!pane?.film || !set || set.id !== run.setId || pane.documentUid) {
      this.runs.delete(index);
      return;
    }
    const { speed, way, isWaiting } = pane.film;
    const passed = Math.min(LONGEST_STEP_MS, Math.max(0, now - run.at)) * speed;
    run.at = now;
    const next = frameAfter(clipIn(set), run.filmMs + passed, way);
    const frame = set.frames[next];
    if (!frame) return;
    if (!this.viewer.isReady(frame)) {
      /* Time stands with the picture: nothing is left out because the line is slow. */
      if (!isWaiting) {
        this.change(index, { isWaiting: true });
        void this.viewer.want(frame).then((fate) => fate.state === 'failed' && this.fail(index, run, next));
      }
      return;
    }
    run.filmMs += passed;
    if (isWaiting) this.change(index, { isWaiting: false });
    /* The picture before is still being drawn: this one is skipped, the film is not slowed. */
    const isDrawn = pane.fault !== null || pane.shown?.index === pane.requested;
    if (isDrawn && next !== pane.requested) this.viewer.goTo(index, next, null);
  }
}
