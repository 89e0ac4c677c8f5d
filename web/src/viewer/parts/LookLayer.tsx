import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from '../case';
import type { Look } from '../looks';
import type { Frame } from '../model/metadata';
import { paintGrey, wholeRange } from '../model/paint';
import { coarseMatrix, type Place } from '../model/place';
import { setInPane } from '../state';

/** The frame this pane waits for, as long as it is not on screen. One that was here when it was asked for is drawn at once. */
function useAwaited(viewer: ViewerCase, index: number): Frame | null {
  const awaited = useStore(viewer.store, (state) => {
    const pane = state.panes[index];
    const frame = setInPane(state, index)?.frames[pane?.requested ?? 0] ?? null;
    const isShown = pane?.shown?.imageId === frame?.imageId;
    return isShown || pane?.fault ? null : frame;
  });
  const wasHere = useMemo(() => awaited !== null && viewer.isReady(awaited), [viewer, awaited]);
  return wasHere ? null : awaited;
}

/** Of this frame and no other: what was drawn for the one before is gone in the same moment. */
function useLook(viewer: ViewerCase, frame: Frame | null): Look | null {
  const { looks } = viewer.holdings;
  const [, drawAnew] = useState(0);
  const imageId = frame?.imageId;
  useEffect(
    () =>
      looks.hear((arrived) => {
        if (arrived === imageId) drawAnew((n) => n + 1);
      }),
    [looks, imageId],
  );
  return imageId ? looks.of(imageId) : null;
}

function draw(canvas: HTMLCanvasElement, look: Look, frame: Frame, viewer: ViewerCase, index: number): void {
  const view = viewer.store.get().panes[index]?.look;
  const { slope, intercept } = frame;
  const window =
    view ??
    viewer.hanger.windowOf(index, frame) ??
    frame.windows[0] ??
    wholeRange(look.pixels, slope, intercept);
  const isInverted = view ? view.isInverted : frame.isLowWhite;
  canvas.width = look.columns;
  canvas.height = look.rows;
  const picture = new ImageData(look.columns, look.rows);
  paintGrey(look.pixels, { slope, intercept, ...window, isInverted }, picture.data);
  canvas.getContext('2d')?.putImageData(picture, 0, 0);
  const pane = canvas.parentElement;
  if (!pane) return;
  canvas.style.transform = coarseMatrix(placeOf(pane, frame, viewer, index), frame, look.skip);
}

/** Where the whole picture lies in the pane: as the stack is shown now, otherwise as a first picture is shown. */
function placeOf(pane: HTMLElement, frame: Frame, viewer: ViewerCase, index: number): Place {
  const shown = viewer.frame(viewer.store.get().panes[index]?.shown?.imageId);
  const isSameSize = shown?.rows === frame.rows && shown.columns === frame.columns;
  const place = isSameSize ? viewer.view(index)?.place() : null;
  if (place) return place;
  const [betweenRows, betweenColumns] = frame.pixelSpacing ?? frame.imagerSpacing ?? frame.aspect ?? [1, 1];
  const [width, height] = [frame.columns * betweenColumns, frame.rows * betweenRows];
  const scale = Math.min(pane.clientWidth / width, pane.clientHeight / height);
  const [across, down] = [width * scale, height * scale];
  const corner = [(pane.clientWidth - across) / 2, (pane.clientHeight - down) / 2] as const;
  return { corner, row: [across, 0], column: [0, down] };
}

/**
 * A coarse picture of the frame that is still on its way, or the frame before the engine is here. It is our own canvas: nothing of
 * it can be measured, kept or signed.
 */
export function LookLayer({ viewer, index }: { viewer: ViewerCase; index: number }) {
  const words = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useAwaited(viewer, index);
  const look = useLook(viewer, frame);
  const view = useStore(viewer.store, (state) => state.panes[index]?.look ?? null);
  useLayoutEffect(() => {
    void view;
    if (look && frame && canvas.current) draw(canvas.current, look, frame, viewer, index);
  }, [look, frame, view, viewer, index]);
  if (!look || !frame) return null;
  const pixels = Math.max(look.rows, look.columns);
  return (
    <div className="coarse-layer" data-testid="look" data-sop={frame.sopInstanceUid} data-pixels={pixels}>
      <canvas className="coarse-picture" ref={canvas} />
      <span className="coarse-note">
        {look.skip > 0 ? words.viewer.coarse(pixels) : words.viewer.wholeEarly}
      </span>
    </div>
  );
}
