import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from '../case';
import { clipIn } from '../film';
import { beginsMs, framesASecond, lengthMs, nextSpeed } from '../model/cine';
import { isCutSet } from '../model/cuts';
import type { DisplaySet } from '../model/stacks';
import { setInPane } from '../state';

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

/** A clip always has its bar; a stack of slices only once somebody has played it. */
function useFilmed(viewer: ViewerCase, index: number): DisplaySet | null {
  return useStore(viewer.store, (state) => {
    const set = setInPane(state, index);
    const pane = state.panes[index];
    if (!set || set.frames.length < 2 || pane?.documentUid) return null;
    return (set.frames[0]?.clip && !isCutSet(set)) || pane?.film ? set : null;
  });
}

/** How the film runs: what frame of how many, at what time, how fast, and where that speed comes from. */
export function FilmBar({ viewer, index }: { viewer: ViewerCase; index: number }) {
  const f = useWords().pictures.film;
  const set = useFilmed(viewer, index);
  const pane = useStore(viewer.store, (state) => state.panes[index]);
  if (!set || !pane) return null;
  const clip = clipIn(set);
  const { isPlaying, isWaiting, speed, way } = viewer.film.stateOf(index);
  const at = pane.shown?.index ?? pane.requested;
  const change = (how: 1 | -1) => () => viewer.film.change(index, { speed: nextSpeed(speed, how) });
  const turn = (): void => viewer.film.change(index, { way: way === 'loop' ? 'there_and_back' : 'loop' });
  const back = (): void => {
    viewer.film.stop(index);
    viewer.scrollBy(index, -1);
  };
  const on = (): void => {
    viewer.film.stop(index);
    viewer.scrollBy(index, 1);
  };
  return (
    <div className="film-bar" role="toolbar" aria-label={f.title}>
      <button type="button" onClick={() => viewer.film.toggle(index)} className="film-play">
        {isPlaying ? f.pause : f.play}
      </button>
      <button type="button" onClick={back} aria-label={f.back}>
        ◂
      </button>
      <button type="button" onClick={on} aria-label={f.on}>
        ▸
      </button>
      <span className="num" data-testid="film-at">
        {f.frame(at + 1, set.frames.length)} {f.time(seconds(beginsMs(clip, at)), seconds(lengthMs(clip)))}
      </span>
      <button type="button" onClick={change(-1)} aria-label={f.slower}>
        −
      </button>
      <span className="num">{f.rate(framesASecond(clip, speed).toFixed(1), speed)}</span>
      <button type="button" onClick={change(1)} aria-label={f.faster}>
        ＋
      </button>
      <button type="button" onClick={turn} aria-label={f.wayTitle}>
        {f.way[way]}
      </button>
      <span className={clip.source === 'usual' ? 'caution' : 'muted'}>{f.source[clip.source]}</span>
      {isWaiting && (
        <span className="waiting" role="status">
          {f.waiting}
        </span>
      )}
    </div>
  );
}
