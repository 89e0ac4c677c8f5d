import type { PlaneRecipe } from '@/api/contract';
import { tell } from '@/ui/feedback';
import { words } from '@/words';
import type { ViewerCase } from './case';
import type { Lie, Look, StackPane } from './engine/stage';
import { fusionIn } from './fusion/fusion';
import {
  type CutSet,
  cutSetOf,
  isCutSet,
  isUpright,
  ORIENTATIONS,
  type Orientation,
  type Turn,
  turnedIn,
  UPRIGHT,
  USUAL_MM,
} from './model/cuts';
import { meetingPoint, nearestSlice, pixelOf, pointOf } from './model/lines';
import type { Frame } from './model/metadata';
import { centreOf, isSameWay, originOf, turnOf } from './model/recipes';
import type { Slab } from './model/reformat';
import { type DisplaySet, middleOf } from './model/stacks';
import type { Vector } from './model/vectors';
import { isVolume, type Volume, volumeOf } from './model/volume';
import { imageOfPlane, paneForPlane } from './planeRecipe';
import { type Cutting, emptyPane, findSet, type Layout, PANES, setInPane, sourceOf } from './state';
import { CutSupply } from './supply';

const SINGLE: Slab = { mode: 'single', mm: USUAL_MM };
const FRESH: Cutting = {
  turn: UPRIGHT,
  slabs: { axial: SINGLE, coronal: SINGLE, sagittal: SINGLE },
  isAgreed: false,
};

export const isMpr = (layout: Layout): boolean => layout === 'mpr' || layout === 'mpr3';

/** How a pane looked before its planes were cut anew. */
interface Kept {
  look: Look | null;
  lie: Lie | null;
  point: Vector | null;
  mmPerPixel: number;
}

/** Planes cut out of the stacks of one case: which hang where, how they are turned, how thick they are. */
export class Planes {
  private readonly viewer: ViewerCase;
  readonly supply: CutSupply;
  private readonly kept = new Map<number, Kept>();
  private readonly looks = new Map<string, Look>();
  private before: { setId: string | null; requested: number }[] | null = null;

  constructor(viewer: ViewerCase) {
    this.viewer = viewer;
    this.supply = new CutSupply(viewer);
  }

  private get state() {
    return this.viewer.store.get();
  }

  cuttingOf(sourceId: string): Cutting {
    return this.state.cutting[sourceId] ?? FRESH;
  }

  /** The reader has read the caution and wants the planes all the same. */
  agree(sourceId: string): void {
    this.changeCutting(sourceId, { isAgreed: true });
    this.supply.agreed(sourceId);
  }

  /** The volume of a stack, or null after telling why there is none. */
  private volume(set: DisplaySet): Volume | null {
    const found = volumeOf(set);
    if (isVolume(found)) return found;
    tell(words().planes.refused[found]);
    return null;
  }

  /** Shows a plane of what hangs in the pane, or the stack itself again. */
  choose(index: number, orientation: Orientation | null): void {
    const shown = setInPane(this.state, index);
    const source = sourceOf(this.state, shown);
    if (!shown || !source) return;
    if (!orientation) {
      const point = this.pointIn(index);
      const at = point ? nearestSlice(source, point)?.index : undefined;
      if (shown !== source) this.viewer.showSet(index, source, at);
      return;
    }
    const volume = this.volume(source);
    if (!volume) return;
    this.rememberLook(index, source.id);
    this.hang(index, source, volume, orientation, this.pointIn(index));
  }

  /** As a protocol asks, which knows already that there is a volume. */
  lay(index: number, source: DisplaySet, orientation: Orientation, slab: Slab): boolean {
    const volume = this.volume(source);
    if (!volume) return false;
    const { slabs } = this.cuttingOf(source.id);
    this.changeCutting(source.id, { slabs: { ...slabs, [orientation]: slab } });
    this.hang(index, source, volume, orientation, null, { isByReader: false });
    return true;
  }

  /** A layout of planes needs a stack to cut; without one nothing changes. */
  mayArrange(layout: Layout): boolean {
    if (!isMpr(layout)) return true;
    const source = this.sourceToCut();
    if (!source) return false;
    return this.volume(source) !== null;
  }

  private sourceToCut(): DisplaySet | null {
    const { active } = this.state;
    return sourceOf(this.state, setInPane(this.state, active) ?? setInPane(this.state, 0));
  }

  /** Hangs the planes of a layout of planes; on leaving it, what hung before comes back. */
  arrange(from: Layout, to: Layout): void {
    if (!isMpr(to)) {
      if (isMpr(from)) this.putBack();
      return;
    }
    const { active, panes } = this.state;
    const index = panes[active]?.setId ? active : 0;
    const source = this.sourceToCut();
    const volume = source && volumeOf(source);
    if (!source || !volume || !isVolume(volume)) return;
    const fused = fusionIn(this.state, index);
    if (!isMpr(from)) this.before = panes.map(({ setId, requested }) => ({ setId, requested }));
    this.rememberLook(index, source.id);
    const point = this.pointIn(index);
    ORIENTATIONS.forEach((one, pane) => {
      this.hang(pane, source, volume, one, point);
    });
    if (to === 'mpr') {
      const at = point ? nearestSlice(source, point)?.index : undefined;
      this.viewer.showSet(3, source, at ?? middleOf(source));
    }
    this.viewer.fusion.spread(
      fused,
      Array.from({ length: PANES[to] }, (_, pane) => pane),
    );
    this.viewer.activate(0);
  }

  private putBack(): void {
    this.before?.forEach(({ setId, requested }, pane) => {
      const set = findSet(this.state, setId);
      if (!set) this.viewer.changePane(pane, emptyPane());
      else if (this.state.panes[pane]?.setId !== setId) this.viewer.put(pane, set, requested);
    });
    this.before = null;
    this.viewer.fusion.putBack();
    this.tidy();
  }

  /** Shows a kept plane where planes of its stack hang, else in the active pane. Why not, or nothing when it does. */
  open(source: DisplaySet, kept: PlaneRecipe): string {
    const volume = volumeOf(source);
    if (!isVolume(volume)) return words().planes.refused[volume];
    const { orientation } = kept;
    const index = paneForPlane(this.state, source, kept, PANES[this.state.layout]);
    const turn = turnOf(kept);
    const { slabs, turn: before, isAgreed } = this.cuttingOf(source.id);
    const slab: Slab = kept.slab.mode === 'single' ? SINGLE : kept.slab;
    const isAsBefore = isSameWay(before[orientation], turn[orientation]);
    this.changeCutting(source.id, {
      turn: isAsBefore ? before : turn,
      slabs: { ...slabs, [orientation]: slab },
      /* What is unusual about the stack stays written on the plane. */
      isAgreed: isAgreed || kept.is_agreed,
    });
    this.supply.agreed(source.id);
    this.viewer.activate(index);
    this.rememberLook(index, source.id);
    this.hang(index, source, volume, orientation, centreOf(kept), {
      through: kept.is_turned ? originOf(kept) : null,
    });
    if (!isAsBefore) this.recut(index, centreOf(kept), (pane) => pane !== index);
    return imageOfPlane(this.state, kept) ? '' : words().figures.whyStackChanged;
  }

  private hang(
    index: number,
    source: DisplaySet,
    volume: Volume,
    orientation: Orientation,
    point: Vector | null,
    { through = null, isByReader = true }: { through?: Vector | null; isByReader?: boolean } = {},
  ): void {
    const { turn, slabs } = this.cuttingOf(source.id);
    const middle = through ?? point ?? source.frames[0]?.position ?? [0, 0, 0];
    const isTurned = !isUpright(turn);
    const wish = { orientation, axes: turn[orientation], slab: slabs[orientation], isTurned };
    /* Upright planes keep the places of the slices; turned ones go through the point they were turned about. */
    const anchor = isTurned ? middle : (source.frames[0]?.position ?? middle);
    const set = cutSetOf(source, volume, { ...wish, point: anchor });
    if (!findSet(this.state, set.id)) {
      this.supply.declare(set, source, volume);
      this.viewer.store.set(({ cuts }) => ({ cuts: [...cuts, set] }));
    }
    const at = point ? nearestSlice(set, point)?.index : undefined;
    if (isByReader) this.viewer.hanger.touch();
    this.viewer.put(index, set, at ?? middleOf(set));
  }

  /** The middle of the picture the reader looks at, in the patient. */
  private pointIn(index: number): Vector | null {
    const crossing = this.centre(index);
    if (crossing) return crossing;
    const { panes } = this.state;
    const frame = setInPane(this.state, index)?.frames[panes[index]?.requested ?? 0];
    return frame ? pointOf(frame, [(frame.columns - 1) / 2, (frame.rows - 1) / 2]) : null;
  }

  /** Panes that show planes of the same stack as this pane. */
  companions(index: number): { pane: number; set: CutSet; frame: Frame }[] {
    const state = this.state;
    const own = setInPane(state, index);
    if (!isCutSet(own)) return [];
    return Array.from({ length: PANES[state.layout] }, (_, pane) => pane).flatMap((pane) => {
      const set = setInPane(state, pane);
      const frame = set?.frames[state.panes[pane]?.requested ?? 0];
      return isCutSet(set) && set.cut.sourceId === own.cut.sourceId && frame ? [{ pane, set, frame }] : [];
    });
  }

  /** Where the three planes meet. */
  centre(index: number): Vector | null {
    const found = this.companions(index);
    const frames = ORIENTATIONS.flatMap(
      (one) => found.find(({ set }) => set.cut.orientation === one)?.frame ?? [],
    );
    return frames.length === ORIENTATIONS.length ? meetingPoint(frames) : null;
  }

  /** All other planes of the stack go through this point. */
  moveTo(index: number, point: Vector): void {
    for (const { pane, set } of this.companions(index)) {
      const near = pane === index ? null : nearestSlice(set, point);
      if (near && near.index !== this.state.panes[pane]?.requested) this.viewer.scrollTo(pane, near.index);
    }
  }

  /** Both other planes stand as they stood, turned by an angle about the middle of this picture's crosshair. */
  turnFrom(index: number, start: { turn: Turn; centre: Vector }, radians: number): void {
    const own = setInPane(this.state, index);
    if (!isCutSet(own)) return;
    const { sourceId, orientation } = own.cut;
    this.changeCutting(sourceId, { turn: turnedIn(start.turn, orientation, radians) });
    this.recut(index, start.centre, (pane) => pane !== index);
  }

  /** Axial, coronal and sagittal again. */
  unturn(index: number): void {
    const own = setInPane(this.state, index);
    if (!isCutSet(own)) return;
    const centre = this.centre(index);
    this.changeCutting(own.cut.sourceId, { turn: UPRIGHT });
    this.recut(index, centre, () => true);
  }

  setSlab(index: number, change: (slab: Slab) => Slab): void {
    const own = setInPane(this.state, index);
    if (!isCutSet(own)) {
      tell(words().planes.noPlane);
      return;
    }
    const { sourceId, orientation } = own.cut;
    const { slabs } = this.cuttingOf(sourceId);
    this.changeCutting(sourceId, { slabs: { ...slabs, [orientation]: change(slabs[orientation]) } });
    this.recut(index, this.centre(index), (_, one) => one === orientation);
  }

  private changeCutting(sourceId: string, change: Partial<Cutting>): void {
    const now = this.cuttingOf(sourceId);
    this.viewer.store.set(({ cutting }) => ({ cutting: { ...cutting, [sourceId]: { ...now, ...change } } }));
  }

  /** Cuts the planes of some panes anew; each stays where and as large as it was. */
  private recut(
    index: number,
    centre: Vector | null,
    isMeant: (pane: number, orientation: Orientation) => boolean,
  ): void {
    const found = this.companions(index).filter(({ pane, set }) => isMeant(pane, set.cut.orientation));
    for (const { pane, set, frame } of found) {
      const source = findSet(this.state, set.cut.sourceId);
      const volume = source && volumeOf(source);
      if (!source || !volume || !isVolume(volume)) continue;
      const point = centre ?? pointOf(frame, [(frame.columns - 1) / 2, (frame.rows - 1) / 2]);
      this.keepLook(pane, frame, point);
      this.hang(pane, source, volume, set.cut.orientation, point);
    }
  }

  private keepLook(pane: number, frame: Frame, point: Vector | null): void {
    const view = this.viewer.view(pane);
    const shown = this.state.panes[pane]?.shown;
    /* A pane that has not drawn its last wish yet still has what was kept for that. */
    if (!view || !shown) return;
    const pixel = point && pixelOf(frame, point)?.pixel;
    this.kept.set(pane, {
      look: view.look(),
      lie: pixel ? view.lieOf(pixel) : null,
      point,
      mmPerPixel: frame.pixelSpacing?.[1] ?? 1,
    });
  }

  private rememberLook(index: number, sourceId: string): void {
    const { look, shown } = this.state.panes[index] ?? {};
    if (look && shown) this.looks.set(sourceId, look);
  }

  /** After a stack was put on screen: planes take the window their source was looked at with, and keep their place. */
  settle(index: number, view: StackPane, set: DisplaySet): void {
    if (!isCutSet(set) || this.state.panes[index]?.setId !== set.id) return;
    const kept = this.kept.get(index);
    const look = kept?.look ?? this.looks.get(set.cut.sourceId);
    if (look && look.width > 0) view.setWindow(look.center, look.width);
    if (look && look.isInverted !== view.look()?.isInverted) view.invert();
    const frame = set.frames[this.state.panes[index]?.requested ?? 0];
    const pixel = kept?.point && frame ? pixelOf(frame, kept.point)?.pixel : null;
    if (kept?.lie && pixel) {
      const larger = (frame?.pixelSpacing?.[1] ?? 1) / kept.mmPerPixel;
      view.lay(pixel, { at: kept.lie.at, perPixel: kept.lie.perPixel * larger });
    }
    this.kept.delete(index);
  }

  /** What hangs nowhere any more leaves nothing behind, neither pictures nor references to slices. */
  tidy(): void {
    const { cuts, panes } = this.state;
    const hung = new Set(panes.map((pane) => pane.setId));
    const gone = cuts.filter((set) => !hung.has(set.id));
    if (gone.length === 0) return;
    for (const set of gone) this.supply.drop(set);
    const left = cuts.filter((set) => hung.has(set.id));
    this.viewer.store.set({ cuts: left });
    this.supply.keepOnly(new Set(left.map((set) => set.cut.sourceId)));
  }

  close(): void {
    this.supply.close();
    this.looks.clear();
    this.kept.clear();
    this.viewer.store.set({ cutting: {}, cuts: [], cursor: null });
  }
}
