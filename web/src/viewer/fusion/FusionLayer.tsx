import { useLayoutEffect, useRef } from 'react';
import { useStore } from '@/ui/store';
import type { ViewerCase } from '../case';
import { coarseMatrix } from '../model/place';
import { paintFused, tableOf } from './colours';
import { fusionIn } from './fusion';

/** Paints the overlay on a canvas of its own above everything that is the picture's: the pixels below stay as they are. */
export function FusionLayer({ viewer, index }: { viewer: ViewerCase; index: number }) {
  const pane = useStore(viewer.store, (state) => state.panes[index]);
  /* Every change of what is laid over, and every arrival of one, is a new object. */
  const fusions = useStore(viewer.store, (state) => state.fusions);
  const painted = useRef('');
  useLayoutEffect(() => {
    void fusions;
    const now = fusionIn(viewer.store.get(), index);
    if (!now && painted.current === '') return;
    const view = viewer.view(index);
    const canvas = view?.ownLayer('fusion');
    if (!view || !canvas) return;
    const frame = viewer.frame(pane?.shown?.imageId);
    const place = view.place();
    const supply = now && viewer.fusion.supply(now.overlayId);
    const values = now && frame && place ? viewer.fusion.values(now, frame) : null;
    if (!now || !frame || !place || !values || supply?.kind !== 'ready') {
      canvas.hidden = true;
      painted.current = '';
      return;
    }
    const { told } = supply;
    const range = viewer.fusion.rangeOf(now, told);
    const wish = JSON.stringify([frame.imageId, now.overlayId, now.table, range]);
    if (painted.current !== wish) {
      canvas.width = frame.columns;
      canvas.height = frame.rows;
      const picture = new ImageData(frame.columns, frame.rows);
      paintFused(values, told.factor, range, tableOf(now.table), picture.data);
      canvas.getContext('2d')?.putImageData(picture, 0, 0);
      painted.current = wish;
    }
    canvas.hidden = false;
    canvas.style.opacity = String(now.opacity);
    canvas.style.transform = coarseMatrix(place, frame, 0);
  }, [viewer, index, pane, fusions]);
  return null;
}
