import type { Command } from '@/ui/commands';
import type { Words } from '@/words';
import type { ViewerCase } from './case';
import { nextSpeed } from './model/cine';
import { LOUPE_KEY } from './parts/Loupe';
import { setInPane, type ViewerState } from './state';

function filmCommands(viewer: ViewerCase, words: Words): Command[] {
  const f = words.pictures.film;
  const active = (): number => viewer.store.get().active;
  const when = (): boolean => (setInPane(viewer.store.get(), active())?.frames.length ?? 0) > 1;
  const faster = (way: 1 | -1) => (): void =>
    viewer.film.change(active(), { speed: nextSpeed(viewer.film.stateOf(active()).speed, way) });
  const turn = (): void =>
    viewer.film.change(active(), {
      way: viewer.film.stateOf(active()).way === 'loop' ? 'there_and_back' : 'loop',
    });
  return [
    {
      id: 'viewer.film.play',
      title: f.playOrPause,
      keys: ['o'],
      when,
      run: () => viewer.film.toggle(active()),
    },
    { id: 'viewer.film.faster', title: f.faster, keys: ['shift+ArrowUp'], when, run: faster(1) },
    { id: 'viewer.film.slower', title: f.slower, keys: ['shift+ArrowDown'], when, run: faster(-1) },
    { id: 'viewer.film.way', title: f.wayTitle, when, run: turn },
  ];
}

/** Before the commands of single letters: with Shift the same letters mean something else. */
export function pictureCommands(viewer: ViewerCase, words: Words): Command[] {
  const p = words.pictures;
  const toggle = (layer: keyof ViewerState['layers']) => (): void =>
    viewer.store.set(({ layers }) => ({ layers: { ...layers, [layer]: !layers[layer] } }));
  return [
    ...filmCommands(viewer, words),
    { id: 'viewer.layer.overlay', title: p.overlay, keys: ['shift+v'], run: toggle('overlay') },
    { id: 'viewer.layer.shutter', title: p.shutter, keys: ['shift+b'], run: toggle('shutter') },
    { id: 'viewer.region', title: p.region, keys: ['shift+r'], run: () => viewer.chooseTool('region') },
    {
      id: 'viewer.loupe',
      title: p.loupe,
      keys: [LOUPE_KEY],
      run: () => viewer.store.set({ isLoupe: true }),
    },
  ];
}
