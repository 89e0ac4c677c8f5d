import { useQuery } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Check, ReportOut } from '@/api/contract';
import { readings, reports } from '@/api/hub';
import { confirm } from '@/ui/confirm';
import { useWords } from '@/words';
import { Autosave } from './autosave';
import type { LentText } from './windows/protocol';

export interface Drafting {
  report: ReportOut | undefined;
  autosave: Autosave | null;
  checks: readonly Check[];
  error: unknown;
  onChecks: (checks: readonly Check[]) => void;
  refetch: () => void;
}

/** Something besides the text that may not be saved yet. */
export interface AlsoUnsaved {
  isClean: () => boolean;
  flush: () => Promise<boolean>;
}

/** Nobody leaves unsaved words behind without having been asked. */
export function useGuard(autosave: Autosave | null, others: AlsoUnsaved): void {
  const r = useWords().reading;
  useBlocker({
    disabled: !autosave,
    enableBeforeUnload: () => autosave?.isClean === false || !others.isClean(),
    shouldBlockFn: async () => {
      const isSaved = await Promise.all([autosave?.flush() ?? true, others.flush()]);
      if (isSaved.every(Boolean)) return false;
      const answer = await confirm({
        title: r.leaveTitle,
        body: r.leaveLead,
        confirm: r.leave,
        isGrave: true,
      });
      return answer === null;
    },
  });
}

const firstOf = (report: ReportOut, given: LentText | undefined) =>
  given ? { ...given, saved_at: given.isSaved ? report.saved_at : null } : report;

/**
 * The report of one reading. Its text is taken from the hub once; after that the text on screen leads and is saved. A window
 * that is lent the text by another begins with what it was given, and not before.
 */
export function useReport(readingId: number, given?: LentText | null): Drafting {
  const {
    data: report,
    error,
    refetch,
  } = useQuery({
    queryKey: ['reading-report', readingId],
    queryFn: ({ signal }) => readings.report(readingId, signal),
    staleTime: 0,
    gcTime: 0,
  });
  const [autosave, setAutosave] = useState<Autosave | null>(null);
  const [checks, setChecks] = useState<readonly Check[]>([]);
  const reportId = report?.id;

  /* A later answer of the hub must not restart the draft: only another report does. */
  const latest = useRef(report);
  latest.current = report;
  const isGiven = given !== null;
  const firstGiven = useRef(given);
  firstGiven.current = given;
  useEffect(() => {
    if (reportId === undefined || !latest.current || !isGiven) return;
    const lent = firstGiven.current ?? undefined;
    const draft = new Autosave({
      first: firstOf(latest.current, lent),
      send: (text) => reports.saveDraft(reportId, text),
      onSaved: (saved) => setChecks(saved.checks),
    });
    if (lent && !lent.isSaved) draft.takeBack(lent);
    setAutosave(draft);
    return () => {
      draft.close();
      setAutosave(null);
    };
  }, [reportId, isGiven]);

  useEffect(() => setChecks(report?.checks ?? []), [report]);
  return { report, autosave, checks, error, onChecks: setChecks, refetch: () => void refetch() };
}
