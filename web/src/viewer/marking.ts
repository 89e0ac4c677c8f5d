import { confirm } from '@/ui/confirm';
import { words } from '@/words';
import type { ViewerCase } from './case';
import { pixelsOf } from './engine/frames';
import { endMarks, type MarkReader, shownMarks, startMarks } from './engine/marks';
import { isMarkKind, type Mark, type Measured, measure } from './model/marks';
import { gridOf } from './model/values';
import { markLines } from './parts/markText';

/** Numbers of a mark on a frame that is here in full; null for any other. */
function measured(viewer: ViewerCase, mark: Mark): Measured | null {
  const frame = viewer.frame(mark.imageId);
  const decoded = frame && pixelsOf(frame);
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

/** Marks belong to this case from its first to its last moment. Returns how to end it. */
export function attachMarks(viewer: ViewerCase): () => void {
  const numbersOf = remembering(viewer);
  const reader: MarkReader = {
    lines: (mark) => markLines(mark.kind, numbersOf(mark), words()),
    askForText,
    onChange: (marks) => viewer.store.set({ marks }),
  };
  startMarks(reader);
  return () => endMarks(reader);
}

/** Why the pane may not be measured on now, as a sentence; empty when it may. */
export function whyNotMeasure(viewer: ViewerCase, index: number): string {
  const { tool, panes } = viewer.store.get();
  if (!isMarkKind(tool)) return '';
  const m = words().viewer.marks;
  const pane = panes[index];
  if (pane?.shown?.index !== pane?.requested) return m.whyWaiting;
  const frame = viewer.frame(pane?.shown?.imageId);
  return frame && pixelsOf(frame) ? '' : m.whyNotFull;
}

/** For tests and quality control: points and numbers, no words anybody wrote. */
export const markFacts = (viewer: ViewerCase) =>
  shownMarks().map((mark) => ({
    kind: mark.kind,
    sop: viewer.frame(mark.imageId)?.sopInstanceUid ?? null,
    points: mark.points,
    isClosed: mark.isClosed,
    measured: measured(viewer, mark),
  }));
