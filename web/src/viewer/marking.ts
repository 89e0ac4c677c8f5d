import type { DrawnMark, KeptMark, PlaneRecipe } from '@/api/contract';
import { confirm } from '@/ui/confirm';
import { words } from '@/words';
import type { ViewerCase } from './case';
import {
  amendMarks,
  chosenMark,
  endMarks,
  everyMark,
  isEngineHere,
  joinMarks,
  pixelsOf,
  shownMarks,
  startMarks,
  withEngine,
} from './engine/door';
import type { MarkCounts, MarkReader } from './engine/marks';
import { fusedLines } from './fusion/text';
import { isMarkKind, type Mark, type MarkKind, type Measured, measure } from './model/marks';
import { gridOf } from './model/values';
import { markLines, reportText } from './parts/markText';
import { imageOfPlane, planeShown } from './planeRecipe';

/** What a mark lies on, as the hub keeps it. */
type MarkPlace = Pick<KeptMark, 'sop_instance_uid' | 'frame_number' | 'plane'>;

/** Numbers of a mark on a frame that is here in full; null for any other. */
function measured(viewer: ViewerCase, mark: Mark): Measured | null {
  const frame = viewer.frame(mark.imageId);
  /* A plane is named before its slices are here: a kept mark finds it then, and waits for its numbers. */
  const isCut = frame !== null && viewer.planes.supply.has(frame);
  const decoded = frame && (!isCut || viewer.isReady(frame)) ? pixelsOf(frame) : null;
  return frame && decoded ? measure(mark, frame, gridOf(frame, decoded)) : null;
}

/** The engine asks for every drawing; numbers are worked out anew only when the points have moved. */
function remembering(viewer: ViewerCase): (mark: Mark) => Measured | null {
  const known = new Map<string, { points: string; result: Measured | null }>();
  return (mark) => {
    const points = JSON.stringify([mark.points, mark.isClosed]);
    const last = known.get(mark.id);
    if (last?.result && last.points === points) return last.result;
    const result = measured(viewer, mark);
    known.set(mark.id, { points, result });
    return result;
  };
}

function askForText(): Promise<string | null> {
  const m = words().viewer.marks;
  return confirm({ title: m.textTitle, body: m.textLead, confirm: m.textConfirm, ask: m.text });
}

const pointsOf = ({ points }: Mark): [number, number][] => points.map(([column, row]) => [column, row]);

/** Marks belong to this case from its first to its last moment. */
export class Marking {
  private readonly viewer: ViewerCase;
  private readonly numbersOf: (mark: Mark) => Measured | null;
  private readonly reader: MarkReader;
  /** As the hub gave them: on a frame that is not here, these lines are the last that were true. */
  private readonly told = new Map<string, KeptMark>();
  /** Their series is not described yet or never could be, or their plane is not cut now: they are kept as they came. */
  private unplaced: KeptMark[] = [];
  /** What marked images are: of a plane that is gone from the screen nobody else knows it any more. */
  private readonly places = new Map<string, MarkPlace>();
  private readonly listeners = new Set<() => void>();
  private readonly stop: () => void;

  constructor(viewer: ViewerCase) {
    this.viewer = viewer;
    this.numbersOf = remembering(viewer);
    this.reader = {
      lines: (mark) => [
        ...markLines(mark.kind, this.numbersOf(mark), words()),
        ...fusedLines(viewer, mark, words()),
      ],
      askForText,
      onChange: (marks) => this.changed(marks),
    };
    withEngine(() => {
      startMarks(this.reader);
      this.place();
    });
    this.stop = viewer.store.subscribe(() => this.place());
  }

  end(): void {
    this.stop();
    this.listeners.clear();
    endMarks(this.reader);
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What the hub kept; drawn as soon as its images are known and shown. */
  load(marks: readonly KeptMark[]): void {
    for (const mark of marks) this.told.set(mark.id, mark);
    this.unplaced.push(...marks);
    this.place();
    for (const listener of this.listeners) listener();
  }

  /** The hub's marks instead of those on screen. */
  replace(marks: readonly KeptMark[]): void {
    startMarks(this.reader);
    this.told.clear();
    this.unplaced = [];
    this.load(marks);
  }

  /** What another window of the case drew, moved or removed. */
  amend(put: readonly KeptMark[], gone: readonly string[]): void {
    const changed = new Set([...gone, ...put.map(({ id }) => id)]);
    this.unplaced = this.unplaced.filter(({ id }) => !changed.has(id));
    amendMarks([], [...changed]);
    this.load(put);
  }

  /** Everything there is to keep. */
  kept(): KeptMark[] {
    return [...everyMark().flatMap((mark) => this.keptForm(mark) ?? []), ...this.unplaced];
  }

  /** The marks of one image, as a key image shows them. */
  onImage(imageId: string): DrawnMark[] {
    return everyMark()
      .filter((mark) => mark.imageId === imageId)
      .flatMap((mark) => this.keptForm(mark) ?? [])
      .map(({ sop_instance_uid, frame_number, plane, ...drawn }) => drawn);
  }

  /** Marks on planes, shown or not: where each lies, and what was last said of it. */
  onPlanes(): { id: string; kind: MarkKind; plane: PlaneRecipe; lines: readonly string[] }[] {
    return this.kept().flatMap(({ id, kind, plane, lines }) => (plane ? [{ id, kind, plane, lines }] : []));
  }

  /** The chosen mark and how a report says it; empty words where nothing can be said now. */
  chosen(): { id: string; points: [number, number][]; text: string } | null {
    const mark = chosenMark();
    if (!mark) return null;
    return {
      id: mark.id,
      points: pointsOf(mark),
      text: reportText(mark.kind, this.numbersOf(mark), words()),
    };
  }

  /** For tests and quality control: points and numbers, no words anybody wrote. */
  facts() {
    return shownMarks().map((mark) => ({
      kind: mark.kind,
      sop: this.viewer.frame(mark.imageId)?.sopInstanceUid ?? null,
      points: mark.points,
      isClosed: mark.isClosed,
      measured: measured(this.viewer, mark),
    }));
  }

  private keptForm(mark: Mark): KeptMark | null {
    const place = this.placeOf(mark.imageId);
    if (!place) return null;
    return {
      id: mark.id,
      kind: mark.kind,
      ...place,
      points: pointsOf(mark),
      is_closed: mark.isClosed,
      text: mark.text ?? '',
      lines: this.linesOf(mark),
    };
  }

  /** Remembered from the moment a mark is there, when its image is known. */
  private placeOf(imageId: string): MarkPlace | null {
    const known = this.places.get(imageId);
    if (known) return known;
    const frame = this.viewer.frame(imageId);
    const plane = frame && !frame.sopInstanceUid ? planeShown(this.viewer.store.get(), imageId) : null;
    if (!frame || (!frame.sopInstanceUid && !plane)) return null;
    const place = plane
      ? { sop_instance_uid: null, frame_number: null, plane }
      : { sop_instance_uid: frame.sopInstanceUid, frame_number: frame.frameNumber, plane: null };
    this.places.set(imageId, place);
    return place;
  }

  private linesOf(mark: Mark): string[] {
    if (mark.kind === 'arrow') return mark.text ? [mark.text] : [];
    const numbers = this.numbersOf(mark);
    return numbers ? markLines(mark.kind, numbers, words()) : (this.told.get(mark.id)?.lines ?? []);
  }

  private place(): void {
    /* What the engine cannot take yet stays ours, so that it is kept with whatever is saved. */
    if (this.unplaced.length === 0 || !isEngineHere()) return;
    const known: Mark[] = [];
    const left = this.unplaced.filter((mark) => {
      const imageId = this.imageOf(mark);
      if (imageId)
        known.push({
          id: mark.id,
          kind: mark.kind,
          imageId,
          points: mark.points,
          isClosed: mark.is_closed,
          text: mark.text,
        });
      return !imageId;
    });
    this.unplaced = left;
    if (known.length > 0) joinMarks(known);
  }

  /** The image a kept mark lies on, once it is known: a plane only while it is cut. */
  private imageOf({ sop_instance_uid: sop, frame_number: number, plane }: KeptMark): string | null {
    if (!plane) return (sop && this.viewer.frameOf(sop, number ?? 1)?.imageId) || null;
    const imageId = imageOfPlane(this.viewer.store.get(), plane);
    if (imageId) this.places.set(imageId, { sop_instance_uid: null, frame_number: null, plane });
    return imageId;
  }

  private changed(counts: MarkCounts): void {
    const unkept = everyMark().filter(({ imageId }) => !this.placeOf(imageId)).length;
    this.viewer.store.set({ marks: { ...counts, unkept } });
    for (const listener of this.listeners) listener();
  }
}

/** Why the image of a pane cannot be measured or kept as a key image now; empty when it can. */
export function whyNotWhole(viewer: ViewerCase, index: number): '' | 'waiting' | 'partial' {
  const pane = viewer.store.get().panes[index];
  if (pane?.shown?.index !== pane?.requested) return 'waiting';
  const frame = viewer.frame(pane?.shown?.imageId);
  return frame && pixelsOf(frame) ? '' : 'partial';
}

/** Why the pane may not be measured on now, as a sentence; empty when it may. */
export function whyNotMeasure(viewer: ViewerCase, index: number): string {
  if (!isMarkKind(viewer.store.get().tool)) return '';
  const m = words().viewer.marks;
  return { '': '', waiting: m.whyWaiting, partial: m.whyNotFull }[whyNotWhole(viewer, index)];
}
