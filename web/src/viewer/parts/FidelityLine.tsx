import { sourceText, sourceTitle } from '@/ui/counts';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from '../case';
import { fidelityOf } from '../fidelity';
import { line } from '../line';

const rateText = (mbit: number): string => (mbit < 10 ? mbit.toFixed(1) : String(Math.round(mbit)));

/** Counts that can be compared with the hub's: what is whole, what failed, what never came. */
export function FidelityLine({ viewer }: { viewer: ViewerCase }) {
  const words = useWords();
  const v = words.viewer;
  const current = useStore(viewer.store, ({ studies }) => studies.find((study) => study.role === 'current'));
  const rendering = useStore(viewer.store, (state) => state.rendering);
  if (!current) return null;
  const f = fidelityOf(current);
  const { study } = current.source;
  const { expected_count: expected, instance_count: arrived } = study;
  return (
    <span className="fidelity num" data-testid="fidelity">
      <span className="muted">{v.fidelity}</span>{' '}
      {f.isDone && f.failed === 0 && f.full === f.held ? (
        <span className="good">{v.fullAll(f.held)}</span>
      ) : (
        <span>{v.full(f.full, f.held)}</span>
      )}
      {f.failed > 0 && <span className="bad"> · {v.failed(f.failed)}</span>}
      {f.undescribed > 0 && <span className="bad"> · {v.undescribed(f.undescribed)}</span>}
      {f.missing !== null && f.missing > 0 && <span className="bad"> · {v.missing(f.missing)}</span>}
      <span className="muted"> · {f.isLossy ? v.lossy : v.lossless}</span>
      <span className="muted" title={sourceTitle(study, words)}>
        {' · '}
        {expected === null ? v.notAnnounced : v.announced(arrived, expected, sourceText(study, words))}
      </span>
      {!f.isDone && line.mbit !== null && <span className="muted"> · {v.lineRate(rateText(line.mbit))}</span>}
      {rendering && <span className="muted"> · {v[rendering]}</span>}
    </span>
  );
}
