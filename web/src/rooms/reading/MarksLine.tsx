import { Button } from '@mantine/core';
import { useStore } from '@/ui/store';
import { clockText } from '@/ui/time';
import type { ViewerCase } from '@/viewer/case';
import { useWords } from '@/words';
import type { MarksKeeper } from './keeping';
import { PlaneMarks } from './PlaneMarks';

/** Whether what was drawn is kept; never silent about what is not. */
export function MarksLine(props: { keeper: MarksKeeper; viewer: ViewerCase; mayWrite: boolean }) {
  const { keeper, viewer, mayWrite } = props;
  const m = useWords().figures.marks;
  const { state, savedAt } = useStore(keeper.store, (all) => all);
  const { count, unkept } = useStore(viewer.store, (all) => all.marks);
  const isBad = ['failed', 'refused', 'load_failed', 'conflict'].includes(state);
  const text = {
    loading: m.loading,
    load_failed: m.loadFailed,
    saved: savedAt ? m.saved(clockText(savedAt)) : m.none,
    dirty: m.dirty,
    saving: m.saving,
    failed: m.failed,
    refused: m.refused,
    conflict: m.conflict,
  }[state];
  const said = mayWrite || state === 'load_failed' ? text : m.readOnly;
  if (count === 0 && (state === 'saved' || state === 'loading') && !savedAt) return null;
  return (
    <span
      className={isBad ? 'marks-line bad' : 'marks-line muted'}
      role={isBad ? 'alert' : 'status'}
      data-testid="marks-state"
      data-state={state}
    >
      {m.label} {said}
      {unkept > 0 && <span className="bad"> · {m.unkept(unkept)}</span>}
      <PlaneMarks viewer={viewer} />
      {state === 'conflict' && (
        <>
          {' '}
          <Button size="compact-xs" onClick={() => keeper.keepMine()}>
            {m.keepMine}
          </Button>{' '}
          <Button size="compact-xs" onClick={() => keeper.takeTheirs()}>
            {m.takeTheirs}
          </Button>
        </>
      )}
    </span>
  );
}
