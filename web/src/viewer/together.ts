/** Window and zoom that panes of like modality take from the one in hand. */
import type { ViewerCase } from './case';
import type { Lie, Look, StackPane } from './engine/stage';
import { isCutSet } from './model/cuts';
import type { Frame } from './model/metadata';
import type { DisplaySet } from './model/stacks';
import { findSeries, PANES, setInPane, sourceOf } from './state';

interface Seen {
  setId: string;
  look: Look;
  lie: Lie | null;
}

interface Side {
  view: StackPane;
  set: DisplaySet;
  frame: Frame;
  look: Look;
}

const middle = (frame: Frame): [number, number] => [(frame.columns - 1) / 2, (frame.rows - 1) / 2];

export class Together {
  private readonly viewer: ViewerCase;
  private readonly seen = new Map<number, Seen>();
  private isFollowing = false;

  constructor(viewer: ViewerCase) {
    this.viewer = viewer;
  }

  /** The engine reports how a pane looks. Only what the reader did to the pane in hand is passed on. */
  note(index: number, look: Look): void {
    const side = this.side(index, look);
    const before = this.seen.get(index);
    if (!side) {
      this.seen.delete(index);
      return;
    }
    const lie = side.view.lieOf(middle(side.frame));
    this.seen.set(index, { setId: side.set.id, look, lie });
    const state = this.viewer.store.get();
    if (this.isFollowing || state.active !== index || before?.setId !== side.set.id) return;
    const isWindow = before.look.center !== look.center || before.look.width !== look.width;
    const isZoom = JSON.stringify(before.lie) !== JSON.stringify(lie);
    if (isWindow && state.together.window) this.spreadWindow(index, side, before.look);
    if (isZoom && state.together.zoom) this.spreadZoom(index, side);
  }

  /** The pane shows nothing any more; how it looks next is nobody's act. */
  forget(index: number): void {
    this.seen.delete(index);
  }

  /** What is done to a pane here is not the reader's act, and nobody follows it. */
  quietly(act: () => void): void {
    this.follow(act);
  }

  /** Switching a part on: the others take it from the pane in hand at once. */
  toggle(part: 'window' | 'zoom'): void {
    const { together, active, panes } = this.viewer.store.get();
    const isOn = !together[part];
    this.viewer.store.set({ together: { ...together, [part]: isOn } });
    const look = panes[active]?.look;
    const side = isOn && look ? this.side(active, look) : null;
    if (!side) return;
    if (part === 'zoom') this.spreadZoom(active, side);
    else if (side.frame.modality === 'CT') this.spreadWindow(active, side, side.look);
  }

  private side(index: number, look: Look | null): Side | null {
    const state = this.viewer.store.get();
    const set = setInPane(state, index);
    const view = this.viewer.view(index);
    const frame = this.viewer.frame(state.panes[index]?.shown?.imageId);
    return set && view && frame && look ? { view, set, frame, look } : null;
  }

  private kindOf({ set, frame }: Side): string {
    const state = this.viewer.store.get();
    const source = sourceOf(state, set) ?? set;
    const facts = findSeries(state, source.seriesUid)?.facts[source.id];
    return `${frame.modality}/${facts?.kernel ?? ''}/${frame.isColour}`;
  }

  private others(index: number, isLike: (other: Side) => boolean): Side[] {
    const state = this.viewer.store.get();
    return Array.from({ length: PANES[state.layout] }, (_, pane) => pane).flatMap((pane) => {
      const other = pane === index ? null : this.side(pane, state.panes[pane]?.look ?? null);
      return other && isLike(other) ? [other] : [];
    });
  }

  private follow(act: () => void): void {
    this.isFollowing = true;
    try {
      act();
    } finally {
      this.isFollowing = false;
    }
  }

  /**
   * Hounsfield units mean the same everywhere, so a CT takes the very window; soft and sharp reconstructions keep their own. Other
   * numbers mean something in their own series only: there the window changes by the same share.
   */
  private spreadWindow(index: number, from: Side, before: Look): void {
    const kind = this.kindOf(from);
    if (from.frame.isColour) return;
    this.follow(() => {
      for (const to of this.others(index, (other) => this.kindOf(other) === kind)) {
        const { center, width } = from.look;
        if (from.frame.modality === 'CT') to.view.setWindow(center, width);
        else if (before.width > 0) {
          const share = to.look.width / before.width;
          to.view.setWindow(to.look.center + (center - before.center) * share, Math.max(1, width * share));
        }
      }
    });
  }

  /** The same millimetres on screen, and the middle of the picture at the same place of its pane. */
  private spreadZoom(index: number, from: Side): void {
    const lie = from.view.lieOf(middle(from.frame));
    if (!lie) return;
    const planeOf = ({ set }: Side): string =>
      (set.normal ?? []).map((share) => Math.round(Math.abs(share))).join() + isCutSet(set);
    const isLike = (other: Side): boolean =>
      other.frame.modality === from.frame.modality && planeOf(other) === planeOf(from);
    this.follow(() => {
      for (const to of this.others(index, isLike)) {
        const [a, b] = [from.frame.pixelSpacing?.[1], to.frame.pixelSpacing?.[1]];
        const larger = a && b ? b / a : from.frame.columns / to.frame.columns;
        const [size, own] = [from.view.size, to.view.size];
        const at: [number, number] = [
          own.width / 2 + lie.at[0] - size.width / 2,
          own.height / 2 + lie.at[1] - size.height / 2,
        ];
        to.view.lay(middle(to.frame), { at, perPixel: lie.perPixel * larger });
      }
    });
  }
}
