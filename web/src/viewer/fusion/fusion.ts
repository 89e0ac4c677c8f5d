import { tell } from '@/ui/feedback';
import { words } from '@/words';
import type { ViewerCase } from '../case';
import { redrawMarks } from '../engine/door';
import type { Point } from '../model/calibration';
import { commonSuv } from '../model/cuts';
import type { Frame } from '../model/metadata';
import type { DisplaySet } from '../model/stacks';
import { factorOf, valueUnit } from '../model/values';
import { isVolume, type Volume, volumeOf } from '../model/volume';
import { allSeries, findSet, PANES, setInPane, sourceOf, type ViewerState } from '../state';
import { type Gathered, gather } from '../voxels';
import { type Range, TABLES, type TableName } from './colours';
import { isRefused, overlaysFor } from './pairing';
import { type Lying, lyingOf, valueAtPoint, valuesAt } from './sampling';
import { refusalText } from './text';

/** What lies over the pictures of one stack in one pane, and how it is drawn. */
export interface FusionNow {
  baseId: string;
  overlayId: string;
  table: TableName;
  /** Share of the overlay in what is seen, 0 to 1. */
  opacity: number;
  /** In the unit it is told in; null as long as nobody chose one. */
  range: Range | null;
}

const SUV_TOPS: readonly number[] = [5, 10, 15];
const USUAL_OPACITY = 0.5;
/** Sampled slices kept, the oldest go first. */
const KEPT_BYTES = 96_000_000;

/** What the numbers of an overlay are told as. */
export interface Told {
  unit: string;
  factor: number;
  isSuv: boolean;
  /** A range's upper ends to choose from; the first is the usual one. */
  tops: readonly number[];
}

/** All of a stack, or what is lacking of it. */
export type Supply =
  | { kind: 'ready'; volume: Volume; gathered: Gathered; told: Told }
  | { kind: 'waiting'; here: number; all: number }
  | { kind: 'failed'; failed: number; all: number };

/** What is laid over what hangs in a pane; null where nothing is. */
export function fusionIn(state: ViewerState, index: number): FusionNow | null {
  const now = state.fusions[index];
  const base = sourceOf(state, setInPane(state, index));
  return now && base?.id === now.baseId && findSet(state, now.overlayId) ? now : null;
}

function toldOf(overlay: DisplaySet, range: readonly [number, number]): Told {
  const first = { ...(overlay.frames[0] as Frame), suv: commonSuv(overlay.frames) };
  const isSuv = first.suv?.kind === 'factor';
  const top = Math.max(range[1], 1e-6);
  const tops = isSuv ? SUV_TOPS : [top / 4, top / 2, top];
  return { unit: valueUnit(first), factor: factorOf(first), isSuv, tops };
}

/** Lays the one volume of a case over pictures of another; it never touches the pixels below. */
export class Fusion {
  private readonly viewer: ViewerCase;
  private readonly ready = new Map<string, Extract<Supply, { kind: 'ready' }>>();
  private readonly faults = new Set<string>();
  private readonly asked = new Set<string>();
  private readonly kept = new Map<string, Float32Array>();
  private keptBytes = 0;
  private before: ViewerState['fusions'] | null = null;

  constructor(viewer: ViewerCase) {
    this.viewer = viewer;
  }

  private get state(): ViewerState {
    return this.viewer.store.get();
  }

  private set(fusions: ViewerState['fusions']): void {
    this.viewer.store.set({ fusions });
    redrawMarks();
  }

  /** Everything that may be laid over what hangs there, or why nothing may. */
  choices(index: number): readonly DisplaySet[] {
    const base = sourceOf(this.state, setInPane(this.state, index));
    const found =
      base &&
      overlaysFor(
        base,
        allSeries(this.state).flatMap(({ sets }) => sets),
      );
    return !found || isRefused(found) ? [] : found;
  }

  toggle(index: number): void {
    if (fusionIn(this.state, index)) {
      const { [index]: _gone, ...rest } = this.state.fusions;
      this.set(rest);
      return;
    }
    const base = sourceOf(this.state, setInPane(this.state, index));
    if (!base) return;
    const found = overlaysFor(
      base,
      allSeries(this.state).flatMap(({ sets }) => sets),
    );
    const [overlay] = isRefused(found) ? [] : found;
    if (isRefused(found) || !overlay) {
      if (isRefused(found)) tell(refusalText(found, words()));
      return;
    }
    const last = this.state.fusions[index];
    const usual = { table: TABLES[0], opacity: USUAL_OPACITY, range: null };
    const now = last?.baseId === base.id ? last : usual;
    this.lay(index, { ...now, baseId: base.id, overlayId: overlay.id });
  }

  /** As a protocol wants it: what it cannot have is told once, as when a reader asks for it. */
  turn(index: number, isOn: boolean): void {
    if (isOn !== (fusionIn(this.state, index) !== null)) this.toggle(index);
  }

  private lay(index: number, now: FusionNow): void {
    this.faults.delete(now.overlayId);
    void this.fetch(now.overlayId);
    this.set({ ...this.state.fusions, [index]: now });
  }

  change(index: number, change: Partial<FusionNow>): void {
    const now = fusionIn(this.state, index);
    if (now) this.lay(index, { ...now, ...change });
  }

  /** Nothing is laid over before every slice is here whole: half an overlay would look like no uptake. */
  private async fetch(overlayId: string): Promise<void> {
    const overlay = findSet(this.state, overlayId);
    const volume = overlay && volumeOf(overlay);
    if (!overlay || !volume || !isVolume(volume) || this.ready.has(overlayId) || this.asked.has(overlayId))
      return;
    this.asked.add(overlayId);
    const fates = await Promise.all(overlay.frames.map((one) => this.viewer.holdings.want(one, 'soon')));
    this.asked.delete(overlayId);
    const gathered = fates.every(({ state }) => state === 'ready') ? gather(overlay) : 'slices';
    if (typeof gathered === 'string') this.faults.add(overlayId);
    else
      this.ready.set(overlayId, {
        kind: 'ready',
        volume,
        gathered,
        told: toldOf(overlay, gathered.range),
      });
    this.set({ ...this.state.fusions });
  }

  supply(overlayId: string): Supply {
    const found = this.ready.get(overlayId);
    if (found) return found;
    const frames = findSet(this.state, overlayId)?.frames ?? [];
    const fates = frames.map(({ imageId }) => this.viewer.holdings.fateOf(imageId)?.state);
    const all = frames.length;
    const failed = fates.filter((fate) => fate === 'failed').length;
    if (this.faults.has(overlayId)) return { kind: 'failed', failed, all };
    return { kind: 'waiting', here: fates.filter((fate) => fate === 'ready').length, all };
  }

  rangeOf({ range }: FusionNow, told: Told): Range {
    return range ?? [0, told.tops[0] ?? 1];
  }

  private lying(now: FusionNow, frame: Frame): Lying | null {
    const { cuts } = this.state;
    const set = cuts.find(({ frames }) => frames.includes(frame)) ?? findSet(this.state, now.baseId);
    return set && lyingOf(set, frame);
  }

  /** The overlay's values at every pixel of a picture, before they are told as SUV. */
  values(now: FusionNow, frame: Frame): Float32Array | null {
    const key = `${now.overlayId}|${frame.imageId}`;
    const known = this.kept.get(key);
    if (known) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return known;
    }
    const supply = this.supply(now.overlayId);
    const lying = this.lying(now, frame);
    if (supply.kind !== 'ready' || !lying) return null;
    const values = valuesAt(supply.volume, supply.gathered.voxels, lying);
    this.kept.set(key, values);
    this.keptBytes += values.byteLength;
    for (const [oldest, { byteLength }] of this.kept) {
      if (this.keptBytes <= KEPT_BYTES || oldest === key) break;
      this.kept.delete(oldest);
      this.keptBytes -= byteLength;
    }
    return values;
  }

  /** As it is told, at any place of a picture; null outside the overlay's volume, and before it is here. */
  valueAt(now: FusionNow, frame: Frame, at: Point): number | null {
    const supply = this.supply(now.overlayId);
    const lying = this.lying(now, frame);
    if (supply.kind !== 'ready' || !lying) return null;
    const value = valueAtPoint(supply.volume, supply.gathered.voxels, lying, at);
    return value === null ? null : value * supply.told.factor;
  }

  /** What is laid over this picture in a pane that shows it now, and where the picture lies. */
  over(frame: Frame): { now: FusionNow; lying: Lying } | null {
    const state = this.state;
    for (let pane = 0; pane < PANES[state.layout]; pane += 1) {
      const now = fusionIn(state, pane);
      const lying = now && state.panes[pane]?.shown?.imageId === frame.imageId && this.lying(now, frame);
      if (now && lying) return { now, lying };
    }
    return null;
  }

  /** Planes were cut of what hung in a pane: they are fused as it was. */
  spread(now: FusionNow | null, panes: readonly number[]): void {
    this.before ??= this.state.fusions;
    const others = Object.fromEntries(
      Object.entries(this.state.fusions).filter(([pane]) => !panes.includes(Number(pane))),
    );
    this.set(now ? { ...others, ...Object.fromEntries(panes.map((pane) => [pane, now])) } : others);
  }

  /** What hung before the planes hangs again, fused as it was. */
  putBack(): void {
    if (this.before) this.set(this.before);
    this.before = null;
  }

  close(): void {
    this.ready.clear();
    this.faults.clear();
    this.asked.clear();
    this.kept.clear();
    this.keptBytes = 0;
    this.before = null;
    this.viewer.store.set({ fusions: {} });
  }
}
