import { useState } from 'react';
import { tellProblem } from '@/ui/feedback';

/** A table under change, and what it was found to mean when it was last tried. */
export function useTried<Table, Preview>(held: Table, attempt: (table: Table) => Promise<Preview>) {
  const [table, setTable] = useState<Table>(held);
  const [tried, setTried] = useState<{ table: Table; preview: Preview } | null>(null);
  const [isTrying, setTrying] = useState(false);
  const onTry = async (): Promise<void> => {
    setTrying(true);
    try {
      setTried({ table, preview: await attempt(table) });
    } catch (error) {
      tellProblem(error);
    } finally {
      setTrying(false);
    }
  };
  return {
    table,
    setTable,
    isChanged: JSON.stringify(table) !== JSON.stringify(held),
    preview: tried?.table === table ? tried.preview : null,
    isTrying,
    onTry,
  };
}
