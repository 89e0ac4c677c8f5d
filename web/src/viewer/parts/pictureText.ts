import type { Words } from '@/words';
import { extrasOf } from '../engine/door';
import type { Frame } from '../model/metadata';
import type { Suv } from '../model/suv';
import { factorOf } from '../model/values';
import { rangeOf } from '../model/windows';
import type { PaneState, ViewerState } from '../state';

const suvDigits = (value: number): string =>
  Math.abs(value) < 0.005 ? '0' : value.toFixed(2).replace(/\.?0+$/, '');

function windowText(pane: PaneState, frame: Frame, words: Words): string {
  const { look } = pane;
  if (!look || frame.isColour) return '';
  const p = words.pictures;
  if (pane.lut !== null && extrasOf(frame).voi[pane.lut])
    return p.on.lut(frame.picture.voiLuts[pane.lut]?.label || String(pane.lut + 1));
  if (frame.suv?.kind === 'factor') {
    const { lower, upper } = rangeOf(look.center, look.width, frame.voiFunction);
    return p.suv.window(suvDigits(lower * factorOf(frame)), suvDigits(upper * factorOf(frame)));
  }
  return words.viewer.window(String(Math.round(look.width)), String(Math.round(look.center)));
}

/** How the SUV comes about, or what is missing for one. */
export function suvText(suv: Suv | null, words: Words): string {
  const s = words.pictures.suv;
  if (!suv) return '';
  if (suv.kind === 'missing') return s.missing(suv.lacks.map((one) => s.lacks[one]).join(s.comma));
  if (!suv.parts) return suv.from === 'stored' ? s.stored : s.philips;
  const { weightKg, doseBq, halfLifeS, decayS } = suv.parts;
  return s.from(
    weightKg.toFixed(1),
    (doseBq / 1e6).toFixed(1),
    (halfLifeS / 60).toFixed(1),
    (decayS / 60).toFixed(1),
  );
}

function layerLines(state: ViewerState, frame: Frame, words: Words): string[] {
  const { on } = words.pictures;
  const { layers } = state;
  const lines: string[] = [];
  if (frame.picture.overlays.length > 0) lines.push(layers.overlay ? on.overlay : on.overlayOff);
  if (frame.shutter) lines.push(layers.shutter ? on.shutter : on.shutterOff);
  return lines;
}

/** How the picture is looked at: its window or what stands for one, what lies over it, how large it is. */
export function lookLines(state: ViewerState, pane: PaneState, frame: Frame, words: Words): string[] {
  if (!pane.look) return [];
  const isSigmoid = !frame.isColour && pane.lut === null && frame.voiFunction === 'SIGMOID';
  return [
    frame.suv?.kind === 'factor' ? suvText(frame.suv, words) : '',
    ...layerLines(state, frame, words),
    isSigmoid ? words.pictures.on.sigmoid : '',
    windowText(pane, frame, words),
    words.viewer.zoom(String(Math.round(pane.look.zoom * 100))),
  ].filter(Boolean);
}

/** What of the file is not shown, or not shown as somebody may expect. */
export function pictureWarnings(frame: Frame, words: Words): string[] {
  const { on } = words.pictures;
  const { overlays, voi } = extrasOf(frame);
  const { picture } = frame;
  return [
    frame.suv?.kind === 'missing' ? suvText(frame.suv, words) : '',
    overlays.includes(null) ? on.overlayLost : '',
    voi.includes(null) ? on.lutLost : '',
    picture.hasEmbeddedOverlay ? on.embedded : '',
    picture.hasOtherShutter ? on.otherShutter : '',
    picture.isShapeContradicting ? on.shape : '',
  ];
}
