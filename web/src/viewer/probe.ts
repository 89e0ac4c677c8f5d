import type { ViewerCase } from './case';
import { digestOf, type PixelDigest } from './engine/frames';
import { fidelityOf } from './fidelity';
import { findSet, PANES } from './state';

interface PaneProbe {
  series: string | null;
  sop: string | null;
  frame: number | null;
  index: number | null;
  requested: number;
  count: number;
  voi: { center: number; width: number } | null;
  fault: string | null;
  outsideMm: number | null;
}

declare global {
  interface Window {
    /** Read-only window for tests and quality control: identifiers and numbers only, no names, no acts. */
    __dokuei?: Readonly<{
      panes: () => PaneProbe[];
      fidelity: () => unknown;
      pixels: (pane: number) => Promise<PixelDigest | null>;
      marks: () => unknown;
      views: () => unknown;
    }>;
  }
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
        fault: pane.fault,
        outsideMm: pane.outsideMm,
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
    marks: () => viewer.marking.facts(),
    views: () =>
      viewer.store.get().panes.map((pane, index) => ({
        view: viewer.view(index)?.view() ?? null,
        isLowWhite: pane.look?.isInverted ?? null,
      })),
  });
  window.__dokuei = probe;
  return () => {
    if (window.__dokuei === probe) delete window.__dokuei;
  };
}
