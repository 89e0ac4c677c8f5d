import { type RefObject, useRef, useState } from 'react';
import type { Figure, Recipe } from '@/api/contract';
import type { Command } from '@/ui/commands';
import { tell } from '@/ui/feedback';
import type { ViewerCase } from '@/viewer/case';
import { recall, recipeOf } from '@/viewer/keyImage';
import { useWords } from '@/words';
import { Caret } from './caret';
import { useFigures } from './useFigures';
import { useMarks } from './useMarks';
import { type Drafting, useGuard } from './useReport';

/** How words reach the text while another window has it; null while it is here. */
export type Elsewhere = RefObject<((text: string) => void) | null>;

/** Key images and kept marks of one case, and their ways into the text. */
export function useFigureWork(
  readingId: number,
  viewer: ViewerCase | null,
  drafting: Drafting,
  elsewhere: Elsewhere,
) {
  const f = useWords().figures;
  const [caret] = useState(() => new Caret());
  const { report, autosave, onChecks } = drafting;
  const mayWrite = report?.acts.includes('write') === true;
  const keeper = useMarks(readingId, viewer, mayWrite, onChecks);
  const desk = useFigures(report, onChecks);
  const latest = useRef({ keeper, desk });
  latest.current = { keeper, desk };

  const isClean = (): boolean =>
    latest.current.keeper?.isClean !== false && latest.current.desk.pending.length === 0;
  const flush = async (): Promise<boolean> => {
    await latest.current.keeper?.flush();
    return isClean();
  };
  useGuard(autosave, { isClean, flush });

  const write = (text: string): void => {
    if (elsewhere.current) elsewhere.current(text);
    else if (autosave) caret.insert(autosave, text);
  };
  const insert = ({ number }: Figure): void => write(f.name(number));
  const jump = async ({ recipe }: { recipe: Recipe }): Promise<void> => {
    const why = viewer ? await recall(viewer, recipe) : f.whyNotHere;
    if (why) tell(why);
  };
  const add = (): void => {
    if (!viewer) return;
    const found = recipeOf(viewer, viewer.store.get().active);
    if ('why' in found) tell(found.why);
    else desk.add(found.recipe);
  };
  const insertLast = (): void => {
    const last = desk.items.at(-1);
    if (last) insert(last);
    else tell(f.noFigureToInsert);
  };
  const insertMeasure = (): void => {
    const chosen = viewer?.marking.chosen();
    if (!chosen?.text || !autosave || !keeper) {
      tell(f.nothingToInsert);
      return;
    }
    write(chosen.text);
    keeper.link({ mark_id: chosen.id, text: chosen.text, points: chosen.points });
  };
  const when = (): boolean => mayWrite;
  const commands: Command[] = [
    { id: 'figure.insert-last', title: f.insertLast, keys: ['shift+k', 'mod+alt+k'], when, run: insertLast },
    { id: 'figure.add', title: f.add, keys: ['k'], when, run: add },
    {
      id: 'figure.insert-measure',
      title: f.insertMeasure,
      keys: ['shift+x', 'mod+alt+x'],
      when,
      run: insertMeasure,
    },
  ];
  const seen = () => ({
    figures_revision: desk.revision,
    marks_revision: keeper?.store.get().revision ?? 0,
  });
  return { keeper, desk, caret, mayWrite, commands, flush, isClean, seen, insert, write, jump };
}
