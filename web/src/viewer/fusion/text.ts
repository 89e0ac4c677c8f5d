import type { Words } from '@/words';
import type { ViewerCase } from '../case';
import { isCutSet } from '../model/cuts';
import { valueText } from '../model/digits';
import type { Mark } from '../model/marks';
import type { SuvLack } from '../model/suv';
import { slabText } from '../parts/cutText';
import { findSeries, findSet, setInPane, type ViewerState } from '../state';
import type { FusionNow, Told } from './fusion';
import { minutesBetween, type NoFusion } from './pairing';
import { regionValues } from './region';

/** An uptake with two decimals, as it is reported; anything else as pixel values are. */
export const numberText = (value: number, { isSuv }: Pick<Told, 'isSuv'>): string =>
  isSuv ? value.toFixed(2) : valueText(value);

const told = (value: number, of: Told): string => [numberText(value, of), of.unit].filter(Boolean).join(' ');

export function refusalText(refused: NoFusion, words: Words): string {
  const f = words.fusion;
  if (refused.why === 'base_shape') return f.baseShape(f.shape[refused.shape]);
  if (refused.why === 'overlay_shape') return f.overlayShape(f.shape[refused.shape]);
  return f.refused[refused.why];
}

export const endText = (value: number): string => Number(value.toPrecision(4)).toString();

export function rangeText(low: number, high: number, unit: string): string {
  return [unit, `${endText(low)} – ${endText(high)}`].filter(Boolean).join(' ');
}

/** The overlay's own series, as its own picture would name it. */
export function overlayName(state: ViewerState, overlayId: string, words: Words): string {
  const series = findSeries(state, findSet(state, overlayId)?.seriesUid);
  if (!series) return '';
  return [words.viewer.seriesNumber(series.number), series.description || series.modality].join(' ');
}

/** Why no SUV is told, where none is. */
function noSuv(state: ViewerState, overlayId: string, words: Words): string {
  const frames = findSet(state, overlayId)?.frames ?? [];
  const found = frames.flatMap(({ suv }) => (suv?.kind === 'missing' ? suv.lacks : []));
  const lacks: readonly SuvLack[] = found.length > 0 ? [...new Set(found)] : ['uneven'];
  const { lacks: names, comma } = words.pictures.suv;
  const isPet = frames.some(({ suv }) => suv !== null);
  return words.fusion.stored(isPet ? lacks.map((one) => names[one]).join(comma) : words.fusion.noSuvKnown);
}

function apartText(state: ViewerState, now: FusionNow, words: Words): string {
  const [base, overlay] = [findSet(state, now.baseId), findSet(state, now.overlayId)];
  const minutes = base && overlay ? minutesBetween(base, overlay) : null;
  return minutes === null ? words.fusion.apartUnknown : words.fusion.apart(Math.round(minutes));
}

/** What must stand on a fused picture as long as it is one. */
export function fusionLines(viewer: ViewerCase, index: number, now: FusionNow, words: Words): string[] {
  const f = words.fusion;
  const state = viewer.store.get();
  const supply = viewer.fusion.supply(now.overlayId);
  const name = f.on(modalitiesOf(state, now), overlayName(state, now.overlayId, words));
  if (supply.kind === 'waiting') return [name, f.waiting(supply.here, supply.all)];
  if (supply.kind === 'failed') return [name, f.failed(supply.failed, supply.all)];
  const set = setInPane(state, index);
  const slab = isCutSet(set) ? slabText(set.cut.slab, words) : '';
  const { isSuv, unit } = supply.told;
  const [low, high] = viewer.fusion.rangeOf(now, supply.told);
  return [
    name,
    f.drawn(rangeText(low, high, unit), Math.round(now.opacity * 100)),
    [slab ? f.interpolatedSlab(slab) : f.interpolated, apartText(state, now, words)].join(' · '),
    isSuv ? '' : noSuv(state, now.overlayId, words),
  ].filter(Boolean);
}

export function modalitiesOf(state: ViewerState, now: FusionNow): string {
  const of = (id: string): string => findSet(state, id)?.frames[0]?.modality ?? '';
  return `${of(now.overlayId) === 'PT' ? 'PET' : of(now.overlayId)}/${of(now.baseId)}`;
}

/** What a mark says of the overlay at the same place; nothing where none lies over its picture. */
export function fusedLines(viewer: ViewerCase, mark: Mark, words: Words): string[] {
  const frame = viewer.frame(mark.imageId);
  const over = frame && viewer.fusion.over(frame);
  const supply = over && viewer.fusion.supply(over.now.overlayId);
  if (!frame || !over || supply?.kind !== 'ready') return [];
  const { factor } = supply.told;
  const f = words.fusion;
  const name = f.of(modalitiesOf(viewer.store.get(), over.now).split('/')[0] ?? '');
  const [point] = mark.points;
  if (mark.kind === 'probe') {
    const value = point ? viewer.fusion.valueAt(over.now, frame, point) : null;
    return [value === null ? f.outside(name) : f.point(name, told(value, supply.told)), f.unkept];
  }
  const isRegion = ['ellipse', 'rectangle', 'freehand'].includes(mark.kind);
  if (!isRegion || (mark.kind === 'freehand' && !mark.isClosed)) return [];
  const found = regionValues(supply.volume, supply.gathered.voxels, over.lying, mark, factor);
  if (!found) return [f.noVoxel(name), f.unkept];
  return [
    f.region(name, numberText(found.max, supply.told), told(found.mean, supply.told)),
    f.voxels(found.count, found.reachMm.toFixed(1)),
    f.unkept,
  ];
}

/** Both values under the pointer; empty where the picture has none. */
export function underPointer(
  viewer: ViewerCase,
  now: FusionNow,
  base: { value: number | null; unit: string },
  overlay: { value: number | null; told: Told },
  words: Words,
): string {
  const [above, below] = modalitiesOf(viewer.store.get(), now).split('/');
  const stored =
    base.value === null ? '' : [below, valueText(base.value), base.unit].filter(Boolean).join(' ');
  const { value } = overlay;
  const other = value === null ? words.fusion.noValue : `${above} ${told(value, overlay.told)}`;
  return [stored, other].filter(Boolean).join(' · ');
}
