import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Check, Figure, Figures, Recipe, ReportOut } from '@/api/contract';
import { reports } from '@/api/hub';
import { isProblem } from '@/api/problem';
import { tell, tellProblem } from '@/ui/feedback';
import { newId } from '@/ui/ids';
import { useWords } from '@/words';

const AGAIN_MS = 3_000;

/** A key image the hub does not have yet. */
export interface PendingFigure {
  key: string;
  recipe: Recipe;
  hasFailed: boolean;
}

export interface FigureDesk {
  items: readonly Figure[];
  revision: number;
  pending: readonly PendingFigure[];
  add: (recipe: Recipe) => void;
  discard: (key: string) => void;
  remove: (id: number) => Promise<void>;
  arrange: (items: readonly { id: number; caption: string }[]) => Promise<void>;
  /** They changed in another window of the case. */
  refresh: () => void;
}

/** The key images of one report. What could not be stored stays here, is said, and is tried again. */
export function useFigures(
  report: ReportOut | undefined,
  onChecks: (checks: readonly Check[]) => void,
): FigureDesk {
  const f = useWords().figures;
  const [state, setState] = useState<{ items: readonly Figure[]; revision: number }>({
    items: [],
    revision: 0,
  });
  const [pending, setPending] = useState<readonly PendingFigure[]>([]);
  const isGone = useRef(false);
  const isBusy = useRef(false);
  const reportId = report?.id;
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
    };
  }, []);
  useEffect(() => {
    if (report) setState({ items: report.figures, revision: report.figures_revision });
  }, [report]);

  const adopt = useCallback(
    ({ items, revision, checks }: Figures): void => {
      if (isGone.current) return;
      setState((now) => (revision >= now.revision ? { items, revision } : now));
      onChecks(checks);
    },
    [onChecks],
  );

  const attempt = useCallback(
    async (one: PendingFigure): Promise<void> => {
      if (reportId === undefined || isBusy.current) return;
      isBusy.current = true;
      const drop = (): void => setPending((all) => all.filter(({ key }) => key !== one.key));
      try {
        const stored = await reports.addFigure(reportId, one.key, one.recipe);
        if (isGone.current) return;
        adopt(stored);
        drop();
        tell(f.added(stored.items.length));
      } catch (error) {
        if (isGone.current) return;
        const isPassing = isProblem(error) && error.isPassing;
        if (!isPassing) {
          drop();
          tellProblem(error);
        }
        setPending((all) => all.map((p) => (p.key === one.key ? { ...p, hasFailed: true } : p)));
      } finally {
        isBusy.current = false;
      }
    },
    [reportId, adopt, f],
  );

  /* One after the other, in the order they were made; a failed one again a little later. */
  const [first] = pending;
  useEffect(() => {
    if (!first) return;
    const timer = setTimeout(() => void attempt(first), first.hasFailed ? AGAIN_MS : 0);
    const again = first.hasFailed ? setInterval(() => void attempt(first), AGAIN_MS) : undefined;
    return () => {
      clearTimeout(timer);
      clearInterval(again);
    };
  }, [first, attempt]);

  const change = useCallback(
    async (act: () => Promise<Figures>): Promise<void> => {
      try {
        adopt(await act());
      } catch (error) {
        tellProblem(error);
        if (reportId !== undefined && isProblem(error, 'figure.changed'))
          await reports.figures(reportId).then(adopt, () => undefined);
      }
    },
    [adopt, reportId],
  );

  return useMemo(
    () => ({
      ...state,
      pending,
      add: (recipe) => setPending((all) => [...all, { key: newId(), recipe, hasFailed: false }]),
      discard: (key) => setPending((all) => all.filter((one) => one.key !== key)),
      remove: (id) => change(() => reports.removeFigure(reportId ?? 0, id)),
      arrange: (items) => change(() => reports.arrangeFigures(reportId ?? 0, state.revision, [...items])),
      refresh: () => {
        if (reportId !== undefined) void reports.figures(reportId).then(adopt, tellProblem);
      },
    }),
    [state, pending, change, reportId, adopt],
  );
}
