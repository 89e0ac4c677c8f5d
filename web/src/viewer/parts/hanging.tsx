import { type DragEvent, useState } from 'react';
import type { SeriesSelector } from '@/api/contract';
import { useStore } from '@/ui/store';
import { useWords, type Words } from '@/words';
import type { ViewerCase } from '../case';
import type { Reason } from '../hanging/select';
import type { DisplaySet } from '../model/stacks';
import { findSet } from '../state';
import '../hanging.css';

const CARRIED = 'application/x-dokuei-stack';

/** A card of the series strip is taken by the mouse; only its id travels. */
export function carry(event: DragEvent, set: DisplaySet): void {
  event.dataTransfer.setData(CARRIED, set.id);
  event.dataTransfer.effectAllowed = 'copy';
}

/** What is dropped on a pane hangs there; only stacks of the case that is open are known by their id. */
export function usePaneDrop(viewer: ViewerCase, index: number) {
  const isOurs = (event: DragEvent): boolean => event.dataTransfer.types.includes(CARRIED);
  const mark = (event: DragEvent<HTMLElement>, isOver: boolean): void => {
    event.currentTarget.classList.toggle('carried-over', isOver);
  };
  return {
    onDragOver: (event: DragEvent<HTMLElement>) => {
      if (!isOurs(event)) return;
      event.preventDefault();
      mark(event, true);
    },
    onDragLeave: (event: DragEvent<HTMLElement>) => mark(event, false),
    onDrop: (event: DragEvent<HTMLElement>) => {
      mark(event, false);
      if (!isOurs(event)) return;
      event.preventDefault();
      const set = findSet(viewer.store.get(), event.dataTransfer.getData(CARRIED));
      if (!set) return;
      viewer.activate(index);
      viewer.showSet(index, set);
    },
  };
}

/** What a selector asks for, in words. */
export function selectorText(selector: SeriesSelector, words: Words): string {
  const { criteria } = words.hanging;
  const { plane, kernel, phase, weighting, view, laterality, thinnest_mm, thickest_mm } = selector;
  const parts = [
    selector.modality,
    weighting && criteria.weighting[weighting],
    phase && criteria.phase[phase],
    plane && words.planes.orientation[plane],
    kernel && criteria.kernel[kernel],
    laterality && criteria.laterality[laterality],
    view && criteria.view[view],
    thinnest_mm ? criteria.atLeast(thinnest_mm) : '',
    thickest_mm ? criteria.atMost(thickest_mm) : '',
    selector.words.length > 0 && criteria.words(selector.words.join('・')),
    selector.without.length > 0 && criteria.without(selector.without.join('・')),
  ];
  return parts.filter(Boolean).join('、') || words.hanging.anything;
}

function reasonText(reason: Reason, words: Words): string {
  const h = words.hanging;
  if (reason.kind === 'next') return h.whyNext;
  if (reason.kind === 'like')
    return reason.screen === undefined
      ? h.whyLike(reason.of + 1)
      : h.whyLikeThere(reason.screen + 1, reason.of + 1);
  const text = selectorText(reason.selector, words);
  return reason.at > 0 ? `${text}（${h.whyAlternative(reason.at + 1)}）` : text;
}

/** Why this stack hangs in this pane, or what was looked for and not found. Says nothing of what the reader put here. */
export function WhyHere({ viewer, index }: { viewer: ViewerCase; index: number }) {
  const words = useWords();
  const [isOpen, setOpen] = useState(false);
  const hanging = useStore(viewer.store, (state) => state.hanging);
  const setId = useStore(viewer.store, (state) => state.panes[index]?.setId ?? null);
  const found = hanging?.reasons[index];
  const wanted = hanging?.wanted[index];
  if (!setId && wanted) {
    const text = wanted.selectors.map((one) => selectorText(one, words))[0] ?? words.hanging.anything;
    return <p className="wanted-here">{words.hanging.wanted(text)}</p>;
  }
  if (!found || found.setId !== setId) return null;
  const text = words.hanging.why(reasonText(found.reason, words));
  return (
    <button
      type="button"
      className="why-here"
      title={text}
      aria-label={text}
      aria-expanded={isOpen}
      onClick={() => setOpen(!isOpen)}
      onBlur={() => setOpen(false)}
    >
      {isOpen ? text : 'i'}
    </button>
  );
}
