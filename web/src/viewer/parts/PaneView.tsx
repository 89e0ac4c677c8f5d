import { Button } from '@mantine/core';
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { tell } from '@/ui/feedback';
import { useNow } from '@/ui/now';
import { ageAndSex, patientName } from '@/ui/patient';
import { useStore } from '@/ui/store';
import { useWords, type Words } from '@/words';
import { mayBeAlone, toggleAlone } from '../alone';
import type { ViewerCase } from '../case';
import { newPane } from '../engine/door';
import { FusionBar } from '../fusion/FusionBar';
import { FusionLayer } from '../fusion/FusionLayer';
import { fusionIn } from '../fusion/fusion';
import { fusionLines } from '../fusion/text';
import { isCrossed } from '../guides';
import { whyNotMeasure } from '../marking';
import type { Link } from '../model/linking';
import { zoomAt } from '../pictures';
import { findSet } from '../state';
import { CutCover } from './CutCover';
import { DocumentCover } from './DocumentCover';
import { FilmBar } from './FilmBar';
import { Guides } from './Guides';
import { usePaneDrop, WhyHere } from './hanging';
import { LookLayer } from './LookLayer';
import { Loupe } from './Loupe';
import { type OverlayText, overlayOf, studyDate } from './overlay';
import { PictureLayer } from './PictureLayer';
import { RegionBox } from './RegionBox';

const WHEEL_STEP = 40;
const DRAG_PIXELS_A_SLICE = 6;

/** One slice a notch; a trackpad's small steps are added up. */
function useWheel(viewer: ViewerCase, index: number, element: HTMLDivElement | null): void {
  useEffect(() => {
    if (!element) return;
    let sum = 0;
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) {
        zoomAt(viewer, index, [event.clientX, event.clientY], Math.sign(event.deltaY));
        return;
      }
      sum += event.deltaMode === 0 ? event.deltaY : event.deltaY * WHEEL_STEP;
      const steps = Math.abs(event.deltaY) >= 100 ? Math.sign(event.deltaY) : Math.trunc(sum / WHEEL_STEP);
      if (steps === 0) return;
      sum = 0;
      viewer.film.stop(index);
      viewer.scrollBy(index, steps);
    };
    element.addEventListener('wheel', turn, { passive: false });
    return () => element.removeEventListener('wheel', turn);
  }, [viewer, index, element]);
}

function useDragScroll(viewer: ViewerCase, index: number) {
  const from = useRef<{ y: number; slice: number } | null>(null);
  const isOn = useStore(viewer.store, (state) => state.tool === 'scroll');
  if (!isOn) return {};
  return {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      from.current = { y: event.clientY, slice: viewer.store.get().panes[index]?.requested ?? 0 };
    },
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
      if (!from.current) return;
      const slices = Math.round((event.clientY - from.current.y) / DRAG_PIXELS_A_SLICE);
      viewer.scrollTo(index, from.current.slice + slices);
    },
    onPointerUp: () => {
      from.current = null;
    },
  };
}

function Letters({ letters }: { letters: OverlayText['letters'] }) {
  if (!letters) return null;
  return (
    <>
      {(['top', 'right', 'bottom', 'left'] as const).map((side) => (
        <span key={side} className={`letter ${side}`}>
          {letters[side]}
        </span>
      ))}
    </>
  );
}

function linkLine(viewer: ViewerCase, index: number, words: Words): string {
  const { active, isLinked } = viewer.store.get();
  if (!isLinked || isCrossed(viewer, active, index)) return '';
  const isLead = active === index;
  const link = isLead ? viewer.links.toLead(index) : viewer.links.between(active, index);
  if (!link) return '';
  return isLead ? words.windows.linkedElsewhere(linkText(link, words)) : linkText(link, words);
}

function linkText(link: Link, words: Words): string {
  if (link.kind === 'same_space') return words.viewer.linkedSameSpace;
  if (link.kind !== 'offset') return words.viewer.linkedNone;
  const mm = link.offsetMm.toFixed(1);
  return link.isByHand ? words.hanging.linkedByHand(mm) : words.viewer.linkedOffset(mm);
}

function Overlay({
  text,
  fused,
  link,
  outside,
}: {
  text: OverlayText;
  fused: readonly string[];
  link: string;
  outside: string;
}) {
  const words = useWords();
  const now = useNow();
  const { study, series, set } = text;
  const isPrior = study.role === 'prior';
  return (
    <div className="overlay">
      <div className="corner tl">
        <b>{patientName(study.source.study.patient, words)}</b>
        <span>{ageAndSex(study.source.study.patient, words)}</span>
        <span className={isPrior ? 'role prior' : 'role'}>
          {isPrior ? words.viewer.prior : words.viewer.current} {studyDate(study, now, words)}
        </span>
      </div>
      <div className="corner tr">
        <span>
          {words.viewer.seriesNumber(series.number)}
          {set.part.count > 1 && ` (${words.viewer.part(set.part.index, set.part.count)})`}
        </span>
        <span>{series.description || series.modality}</span>
        {text.view && <b>{text.view}</b>}
        {text.plane && <b>{text.plane}</b>}
        {fused.map((line) => (
          <span key={line} className="fusion-line">
            {line}
          </span>
        ))}
        {text.warnings.map((warning) => (
          <span key={warning} className="warning">
            {warning}
          </span>
        ))}
      </div>
      <div className="corner bl">
        <b>{text.count}</b>
        {text.geometry.map((line) => (
          <span key={line}>{line}</span>
        ))}
        {text.isWaiting && <span className="waiting">{words.viewer.waiting}</span>}
      </div>
      <div className="corner br">
        {outside && <span className="warning">{outside}</span>}
        {link && <span>{link}</span>}
        {text.look.map((line) => (
          <span key={line}>{line}</span>
        ))}
      </div>
      <Letters letters={text.letters} />
    </div>
  );
}

function ScrollBar({ at, count, ready }: { at: number; count: number; ready: number }) {
  if (count < 2) return null;
  return (
    <div className="stack-bar" aria-hidden="true">
      <i style={{ height: `${(ready / count) * 100}%` }} />
      <b style={{ top: `${(at / (count - 1)) * 100}%` }} />
    </div>
  );
}

function Cover({ viewer, index }: { viewer: ViewerCase; index: number }) {
  const words = useWords();
  const pane = useStore(viewer.store, (state) => state.panes[index]);
  const isDescribing = useStore(
    viewer.store,
    ({ studies }) =>
      studies.length === 0 || studies.some(({ series }) => series.some(({ status }) => status === 'waiting')),
  );
  if (!pane) return null;
  if (pane.isEngineLost) return <div className="cover">{words.viewer.lost}</div>;
  if (!pane.setId) {
    return <div className="cover">{isDescribing ? words.viewer.loadingPane : words.viewer.emptyPane}</div>;
  }
  if (!pane.fault) return null;
  const text =
    words.viewer.faults[pane.fault as keyof typeof words.viewer.faults] ?? words.viewer.faults.undecodable;
  return (
    <div className="cover" role="alert">
      <span>{text}</span>
      <Button onClick={() => viewer.retry(index)}>{words.viewer.retryImage}</Button>
    </div>
  );
}

/** `isDrawn` once there is an engine to draw with; until then the layers show what they can of the first picture. */
export function PaneView({
  viewer,
  index,
  isDrawn,
}: {
  viewer: ViewerCase;
  index: number;
  isDrawn: boolean;
}) {
  const words = useWords();
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const state = useStore(viewer.store, (all) => all);
  const pane = state.panes[index];
  const set = findSet(state, pane?.setId ?? null);
  useWheel(viewer, index, element);
  const drag = useDragScroll(viewer, index);
  const drop = usePaneDrop(viewer, index);

  useEffect(() => {
    if (!element) return;
    void isDrawn;
    /* The right button zooms; the browser's menu would only be in the way, and offers to save the picture. */
    const noMenu = (event: Event): void => event.preventDefault();
    element.addEventListener('contextmenu', noMenu);
    /* The engine would cancel Tab and every other key of the browser while a picture has the focus. */
    const keepKeys = (event: Event): void => event.stopImmediatePropagation();
    element.addEventListener('keydown', keepKeys, true);
    /* Before the engine hears of it: nothing is drawn where no number could be honest. */
    const refuse = (event: MouseEvent): void => {
      const why = event.button === 0 ? whyNotMeasure(viewer, index) : '';
      if (!why) return;
      event.stopImmediatePropagation();
      tell(why);
    };
    element.addEventListener('mousedown', refuse, true);
    const view = newPane(`pane-${index}`, element, {
      onShown: (imageId) => viewer.noteShown(index, imageId),
      onLook: (look, isHeld) => viewer.noteLook(index, look, isHeld),
      onLost: () => viewer.changePane(index, { isEngineLost: true, shown: null }),
    });
    if (view) viewer.attach(index, view);
    return () => {
      element.removeEventListener('contextmenu', noMenu);
      element.removeEventListener('keydown', keepKeys, true);
      element.removeEventListener('mousedown', refuse, true);
      if (!view) return;
      viewer.detach(index);
      view.close();
    };
  }, [viewer, index, element, isDrawn]);

  if (!pane) return null;
  const text = set ? overlayOf(viewer, state, pane, set, words) : null;
  const now = fusionIn(state, index);
  const ready =
    set && text ? (text.plane ? set.frames.length : Math.min(set.frames.length, text.series.full)) : 0;
  return (
    <section
      className={`pane ${index === state.active ? 'active' : ''} ${text?.isWaiting ? 'stale' : ''}`}
      aria-label={words.viewer.pane(index + 1)}
      onPointerDownCapture={() => viewer.activate(index)}
      onDoubleClick={(event) => mayBeAlone(viewer, event.target) && toggleAlone(viewer, index)}
      {...drag}
      {...drop}
    >
      <div className="canvas" ref={setElement} />
      <Guides viewer={viewer} index={index} />
      <PictureLayer viewer={viewer} index={index} />
      <FusionLayer viewer={viewer} index={index} />
      <LookLayer viewer={viewer} index={index} />
      <Cover viewer={viewer} index={index} />
      <CutCover viewer={viewer} index={index} />
      {text && (
        <Overlay
          text={text}
          fused={now ? fusionLines(viewer, index, now, words) : []}
          link={linkLine(viewer, index, words)}
          outside={pane.outsideMm === null ? '' : words.viewer.outside(pane.outsideMm.toFixed(0))}
        />
      )}
      <WhyHere viewer={viewer} index={index} />
      <RegionBox viewer={viewer} index={index} />
      <Loupe viewer={viewer} index={index} element={element} />
      <FusionBar viewer={viewer} index={index} element={element} />
      <FilmBar viewer={viewer} index={index} />
      {set && <ScrollBar at={pane.requested} count={set.frames.length} ready={ready} />}
      <DocumentCover viewer={viewer} index={index} />
    </section>
  );
}
