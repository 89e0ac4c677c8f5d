import type { Command } from '@/ui/commands';
import type { Words } from '@/words';
import type { ViewerCase } from '../case';
import { nextTable } from './colours';
import { type FusionNow, fusionIn, type Told } from './fusion';

const OPACITY_STEP = 0.1;

/** The next wider or narrower of the usual upper ends. */
export function nextTop(tops: readonly number[], top: number, way: 1 | -1): number {
  const rising = [...tops].sort((a, b) => a - b);
  const further = way > 0 ? rising.find((one) => one > top) : rising.findLast((one) => one < top);
  return further ?? top;
}

const stepped = (opacity: number, way: 1 | -1): number =>
  Math.min(1, Math.max(0, Math.round((opacity + way * OPACITY_STEP) * 100) / 100));

/** Always about the active pane. Before the commands of single letters: with Shift the same letters mean these. */
export function fusionCommands(viewer: ViewerCase, words: Words): Command[] {
  const f = words.fusion;
  const active = (): number => viewer.store.get().active;
  const isOn = (): boolean => fusionIn(viewer.store.get(), active()) !== null;
  const change = (of: (now: FusionNow, told: Told) => Partial<FusionNow>) => (): void => {
    const now = fusionIn(viewer.store.get(), active());
    const supply = now && viewer.fusion.supply(now.overlayId);
    if (now && supply?.kind === 'ready') viewer.fusion.change(active(), of(now, supply.told));
  };
  const widen = (way: 1 | -1) =>
    change((now, told) => {
      const [low, high] = viewer.fusion.rangeOf(now, told);
      const top = nextTop(told.tops, high, way);
      return top > low ? { range: [low, top] } : {};
    });
  const fade = (way: 1 | -1) => change(({ opacity }) => ({ opacity: stepped(opacity, way) }));
  return [
    {
      id: 'viewer.fusion.toggle',
      title: f.toggle,
      keys: ['shift+f'],
      run: () => viewer.fusion.toggle(active()),
    },
    { id: 'viewer.fusion.wider', title: f.wider, keys: ['>'], when: isOn, run: widen(1) },
    { id: 'viewer.fusion.narrower', title: f.narrower, keys: ['<'], when: isOn, run: widen(-1) },
    { id: 'viewer.fusion.more', title: f.more, keys: ['alt+ArrowUp'], when: isOn, run: fade(1) },
    { id: 'viewer.fusion.less', title: f.less, keys: ['alt+ArrowDown'], when: isOn, run: fade(-1) },
    {
      id: 'viewer.fusion.table',
      title: f.nextTable,
      keys: ['shift+n'],
      when: isOn,
      run: change(({ table }) => ({ table: nextTable(table) })),
    },
  ];
}
