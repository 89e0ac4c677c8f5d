import { ahead } from './ahead';
import type { ViewerCase } from './case';
import { digestOf, pixelsOf } from './engine/door';
import type { PixelDigest } from './engine/frames';
import { fidelityOf } from './fidelity';
import { fusionIn } from './fusion/fusion';
import { cursorOn, linesOn } from './guides';
import { protocolAt } from './hanging/now';
import type { Point } from './model/calibration';
import { isCutSet } from './model/cuts';
import type { Plane, Slab } from './model/reformat';
import type { DisplaySet } from './model/stacks';
import { gridOf, valueAt } from './model/values';
import { findSet, PANES } from './state';

interface PaneProbe {
  series: string | null;
  sop: string | null;
  frame: number | null;
  index: number | null;
  requested: number;
  count: number;
  voi: { center: number; width: number } | null;
  isInverted: boolean;
  fault: string | null;
  outsideMm: number | null;
  /** Where the picture lies in the patient, and what it was cut as; null for what a modality sent. */
  plane: (Plane & { orientation: string; slab: Slab }) | null;
}

declare global {
  interface Window {
    /** Read-only window for tests and quality control: identifiers and numbers only, no names, no acts. */
    __dokuei?: Readonly<{
      panes: () => PaneProbe[];
      fidelity: () => unknown;
      pixels: (pane: number) => Promise<PixelDigest | null>;
      marks: () => unknown;
      /** Frames of the case that may come next which are here already. */
      ahead: () => number;
      /** Values at [column, row] places of the picture shown; null where it has none. */
      values: (pane: number, places: readonly Point[]) => (number | null)[] | null;
      /** What lies over the picture shown, and its values at [column, row] places; null where nothing does. */
      fused: (pane: number, places: readonly Point[]) => unknown;
      lines: (pane: number) => unknown;
      /** From the top left of the pane. */
      canvas: (pane: number, pixel: Point) => Point | null;
      cursor: (pane: number) => Point | null;
      views: () => unknown;
      /** Which protocol hangs, and what is in hand. */
      hanging: () => unknown;
    }>;
  }
}

function planeOf(set: DisplaySet | null, index: number | undefined): PaneProbe['plane'] {
  const plane = isCutSet(set) && index !== undefined ? set.cut.planes[index] : undefined;
  return isCutSet(set) && plane ? { ...plane, orientation: set.cut.orientation, slab: set.cut.slab } : null;
}

function valuesIn(viewer: ViewerCase, pane: number, places: readonly Point[]): (number | null)[] | null {
  const frame = viewer.frame(viewer.store.get().panes[pane]?.shown?.imageId);
  const decoded = frame && pixelsOf(frame);
  const grid = frame && decoded ? gridOf(frame, decoded) : null;
  return grid && typeof grid !== 'string' ? places.map((place) => valueAt(grid, place)) : null;
}

function fusedIn(viewer: ViewerCase, pane: number, places: readonly Point[]): unknown {
  const state = viewer.store.get();
  const now = fusionIn(state, pane);
  const frame = viewer.frame(state.panes[pane]?.shown?.imageId);
  const supply = now && viewer.fusion.supply(now.overlayId);
  if (!now || !frame || !supply) return null;
  if (supply.kind !== 'ready') return supply;
  const { unit, factor } = supply.told;
  return {
    kind: supply.kind,
    unit,
    factor,
    range: viewer.fusion.rangeOf(now, supply.told),
    table: now.table,
    opacity: now.opacity,
    values: places.map((place) => viewer.fusion.valueAt(now, frame, place)),
  };
}

function hangingFacts(viewer: ViewerCase): unknown {
  const { hanging, layout, tool, isLinked, together } = viewer.store.get();
  return {
    id: protocolAt(hanging)?.id ?? null,
    scene: hanging?.scene ?? null,
    screens: hanging?.screens ?? null,
    hungFor: hanging?.seat ?? null,
    isHung: hanging?.isHung ?? null,
    reasons: hanging?.reasons.map((one) => one?.reason.kind ?? null) ?? [],
    layout,
    tool,
    links: { slice: isLinked, ...together },
    aligned: viewer.links.told().registrations.length,
  };
}

export function installProbe(viewer: ViewerCase): () => void {
  const panes = (): PaneProbe[] => {
    const state = viewer.store.get();
    return state.panes.slice(0, PANES[state.layout]).map((pane) => {
      const frame = viewer.frame(pane.shown?.imageId);
      const set = findSet(state, pane.setId);
      return {
        series: set?.seriesUid ?? null,
        sop: frame?.sopInstanceUid ?? null,
        frame: frame?.frameNumber ?? null,
        index: pane.shown?.index ?? null,
        requested: pane.requested,
        count: set?.frames.length ?? 0,
        voi: pane.look ? { center: pane.look.center, width: pane.look.width } : null,
        isInverted: pane.look?.isInverted === true,
        fault: pane.fault,
        outsideMm: pane.outsideMm,
        plane: planeOf(set, pane.shown?.index),
      };
    });
  };
  const probe = Object.freeze({
    panes,
    fidelity: () => viewer.store.get().studies.map((study) => ({ role: study.role, ...fidelityOf(study) })),
    pixels: async (pane: number) => {
      const imageId = viewer.store.get().panes[pane]?.shown?.imageId;
      return imageId ? digestOf(imageId) : null;
    },
    ahead: () => ahead.count,
    values: (pane: number, places: readonly Point[]) => valuesIn(viewer, pane, places),
    fused: (pane: number, places: readonly Point[]) => fusedIn(viewer, pane, places),
    lines: (pane: number) => linesOn(viewer, pane),
    canvas: (pane: number, pixel: Point) => viewer.view(pane)?.toCanvas(pixel) ?? null,
    cursor: (pane: number) => cursorOn(viewer, pane),
    marks: () => viewer.marking.facts(),
    views: () =>
      viewer.store.get().panes.map((pane, index) => ({
        view: viewer.view(index)?.view() ?? null,
        isLowWhite: pane.look?.isInverted ?? null,
      })),
    hanging: () => hangingFacts(viewer),
  });
  window.__dokuei = probe;
  return () => {
    if (window.__dokuei === probe) delete window.__dokuei;
  };
}
