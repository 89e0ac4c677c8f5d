import { usePerson } from '@/api/cache';
import { useWords } from '@/words';

/** That pictures here are for reference; silent only where the installation's settings say where diagnosis is made. */
export function ReferenceUse() {
  const r = useWords().reading;
  if (usePerson().display_label === 'none') return null;
  return (
    <span className="reference-use" title={r.referenceUseTitle} data-testid="reference-use">
      {r.referenceUse}
    </span>
  );
}
