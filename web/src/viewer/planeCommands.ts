import type { Command } from '@/ui/commands';
import type { Words } from '@/words';
import type { ViewerCase } from './case';
import { nextMode, nextThickness, ORIENTATIONS, type Orientation } from './model/cuts';
import { SLAB_MODES } from './model/reformat';
import type { ViewerState } from './state';

const KEYS: Record<Orientation, string> = { axial: 'shift+a', coronal: 'shift+c', sagittal: 'shift+s' };

function slabCommands(viewer: ViewerCase, words: Words): Command[] {
  const p = words.planes;
  const active = (): number => viewer.store.get().active;
  return [
    ...SLAB_MODES.map((mode) => ({
      id: `viewer.slab.${mode}`,
      title: p.slabMode(p.slab[mode]),
      run: () => viewer.planes.setSlab(active(), (slab) => ({ ...slab, mode })),
    })),
    {
      id: 'viewer.slab.next',
      title: p.nextMode,
      keys: ['shift+m'],
      run: () => viewer.planes.setSlab(active(), (slab) => ({ ...slab, mode: nextMode(slab) })),
    },
    ...([-1, 1] as const).map((way) => ({
      id: way > 0 ? 'viewer.slab.thicker' : 'viewer.slab.thinner',
      title: way > 0 ? p.thicker : p.thinner,
      keys: [way > 0 ? '.' : ','],
      run: () =>
        viewer.planes.setSlab(active(), ({ mode, mm }) =>
          mode === 'single' ? { mode: 'mip', mm } : { mode, mm: nextThickness(mm, way) },
        ),
    })),
  ];
}

/** Before the commands of single letters: with Shift the same letters mean planes. */
export function planeCommands(viewer: ViewerCase, words: Words): Command[] {
  const p = words.planes;
  const active = (): number => viewer.store.get().active;
  const toggle = (guide: keyof ViewerState['guides']) => () =>
    viewer.store.set(({ guides }) => ({ guides: { ...guides, [guide]: !guides[guide] }, cursor: null }));
  return [
    ...ORIENTATIONS.map((one) => ({
      id: `viewer.plane.${one}`,
      title: p.show(p.orientation[one]),
      keys: [KEYS[one]],
      run: () => viewer.planes.choose(active(), one),
    })),
    {
      id: 'viewer.plane.original',
      title: p.original,
      keys: ['shift+o'],
      run: () => viewer.planes.choose(active(), null),
    },
    ...slabCommands(viewer, words),
    { id: 'viewer.guide.crosshair', title: p.crosshair, keys: ['x'], run: toggle('crosshair') },
    { id: 'viewer.guide.reference', title: p.reference, keys: ['y'], run: toggle('reference') },
    { id: 'viewer.guide.cursor', title: p.cursor, keys: ['d'], run: toggle('cursor') },
    { id: 'viewer.plane.unturn', title: p.unturn, keys: ['u'], run: () => viewer.planes.unturn(active()) },
  ];
}
