import { useLayoutEffect, useRef } from 'react';
import { useStore } from '@/ui/store';
import type { ViewerCase } from '../case';
import { extrasOf, pixelsOf } from '../engine/door';
import {
  paintOverlay,
  paintPadding,
  paintShades,
  paintShutter,
  type Shade,
  shadeOf,
  shadeThrough,
} from '../model/layer';
import type { Frame } from '../model/metadata';
import { coarseMatrix } from '../model/place';
import { paddingRange } from '../model/values';
import type { PaneState, ViewerState } from '../state';

/** The curve the picture is shown through where the engine's straight one is not meant; null where it is. */
function ownShade(frame: Frame, pane: PaneState): Shade | null {
  if (frame.isColour || !pane.look) return null;
  const table = pane.lut === null ? null : extrasOf(frame).voi[pane.lut];
  if (table) return shadeThrough(table);
  const { center, width } = pane.look;
  return frame.voiFunction === 'SIGMOID' && width > 0 ? shadeOf('SIGMOID', center, width) : null;
}

/** Padding that the window would not leave black. */
function isPaddingSeen(frame: Frame, pane: PaneState): boolean {
  const range = paddingRange(frame);
  if (!range || !pane.look) return false;
  const shade = ownShade(frame, pane) ?? shadeOf(frame.voiFunction, pane.look.center, pane.look.width);
  const grey = Math.round(shade((range.low + range.high) / 2));
  return (pane.look.isInverted ? 255 - grey : grey) > 0;
}

function paint(
  frame: Frame,
  pane: PaneState,
  layers: ViewerState['layers'],
  rgba: Uint8ClampedArray,
): boolean {
  const decoded = pixelsOf(frame);
  if (!decoded) return false;
  const shade = ownShade(frame, pane);
  if (shade) paintShades(frame, decoded, shade, pane.look?.isInverted === true, rgba);
  let isAny = shade !== null;
  if (isPaddingSeen(frame, pane)) isAny = paintPadding(frame, decoded, rgba) || isAny;
  const shutter = layers.shutter ? frame.shutter : null;
  if (shutter) paintShutter(shutter, frame.rows, frame.columns, rgba);
  const { overlays } = frame.picture;
  const bits = layers.overlay ? extrasOf(frame).overlays : [];
  overlays.forEach((overlay, i) => {
    const one = bits[i];
    if (one) paintOverlay(overlay, one, frame, rgba);
  });
  return isAny || shutter !== null || bits.some((one) => one !== null);
}

const isPlain = (frame: Frame, pane: PaneState, layers: ViewerState['layers']): boolean =>
  !ownShade(frame, pane) &&
  !isPaddingSeen(frame, pane) &&
  !(layers.shutter && frame.shutter) &&
  !(layers.overlay && frame.picture.overlays.length > 0);

/** What the picture was last painted as; the same is not painted again when it is only moved. */
const wishOf = (frame: Frame, pane: PaneState, layers: ViewerState['layers']): string =>
  JSON.stringify([
    frame.imageId,
    pane.look?.center,
    pane.look?.width,
    pane.look?.isInverted,
    pane.lut,
    layers,
  ]);

/** Paints over the engine's picture what the engine cannot: it lies under the marks and over nothing but its own picture. */
export function PictureLayer({ viewer, index }: { viewer: ViewerCase; index: number }) {
  const pane = useStore(viewer.store, (state) => state.panes[index]);
  const layers = useStore(viewer.store, (state) => state.layers);
  const painted = useRef('');
  useLayoutEffect(() => {
    const view = viewer.view(index);
    const canvas = view?.ownLayer();
    if (!view || !canvas) return;
    const frame = viewer.frame(pane?.shown?.imageId);
    const place = view.place();
    if (!pane || !frame || !place || isPlain(frame, pane, layers)) {
      canvas.hidden = true;
      painted.current = '';
      return;
    }
    const wish = wishOf(frame, pane, layers);
    if (painted.current !== wish) {
      const picture = new ImageData(frame.columns, frame.rows);
      const isAny = paint(frame, pane, layers, picture.data);
      canvas.hidden = !isAny;
      canvas.width = frame.columns;
      canvas.height = frame.rows;
      if (isAny) canvas.getContext('2d')?.putImageData(picture, 0, 0);
      painted.current = wish;
    }
    canvas.style.transform = coarseMatrix(place, frame, 0);
  }, [viewer, index, pane, layers]);
  return null;
}
