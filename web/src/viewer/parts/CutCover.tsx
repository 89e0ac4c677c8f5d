import { Button } from '@mantine/core';
import { useStore } from '@/ui/store';
import { useWords, type Words } from '@/words';
import type { ViewerCase } from '../case';
import { isCutSet } from '../model/cuts';
import { type Caution, isVolume, volumeOf } from '../model/volume';
import { findSet, setInPane } from '../state';

export function cautionText(caution: Caution, words: Words, kind: 'caution' | 'note'): string {
  const texts = words.planes[kind];
  return caution.kind === 'tilted'
    ? texts.tilted(caution.degrees.toFixed(1))
    : texts.uneven(caution.leastMm.toFixed(1), caution.mostMm.toFixed(1));
}

/** In the place of a plane that cannot be shown yet: what it waits for, or what the reader must agree to first. */
export function CutCover({ viewer, index }: { viewer: ViewerCase; index: number }) {
  const words = useWords();
  const state = useStore(viewer.store, (all) => all);
  const set = setInPane(state, index);
  const pane = state.panes[index];
  if (!isCutSet(set) || !pane || pane.fault || pane.isEngineLost) return null;
  const { sourceId } = set.cut;
  const source = findSet(state, sourceId);
  const volume = source && volumeOf(source);
  if (!volume || !isVolume(volume)) return null;
  const { supply } = viewer.planes;
  if (supply.needsAgreement(sourceId)) {
    return (
      <div className="cover">
        {volume.cautions.map((caution) => (
          <span key={caution.kind}>{cautionText(caution, words, 'caution')}</span>
        ))}
        <span>{words.planes.cautionLead}</span>
        <Button onClick={() => viewer.planes.agree(sourceId)}>{words.planes.agree}</Button>
      </div>
    );
  }
  const { here, all } = supply.progress(sourceId);
  if (here >= all) return null;
  return (
    <div className="cover">
      <span className="num">{words.planes.gathering(here, all)}</span>
      <progress value={here} max={all} aria-label={words.viewer.waiting} />
    </div>
  );
}
