import { useEffect } from 'react';
import { useCurtain } from '@/ui/curtain';
import { Trouble } from '@/ui/feedback';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from './case';
import { engineStore, startEngine } from './engine/door';
import { useLoupeKey } from './parts/Loupe';
import { PaneView } from './parts/PaneView';
import { Watermark } from './parts/Watermark';
import { PANES } from './state';
import './pictures.css';
import './viewer.css';

const PATIENCE_MS = 1500;

/** The picture areas of one case. A new layout is built from nothing, so no pane inherits another's scale. */
export function Viewer({ viewer, reader }: { viewer: ViewerCase; reader: string }) {
  const words = useWords();
  const { info, fault } = useStore(engineStore, (state) => state);
  useLoupeKey(viewer);
  const isCurtainDrawn = useCurtain();
  const layout = useStore(viewer.store, (state) => state.layout);
  useEffect(() => {
    /* Whatever comes first of the case asks for the engine; what is no picture, or does not come, leaves it to this. */
    const timer = setTimeout(() => void startEngine().catch(() => undefined), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (info) viewer.store.set({ rendering: info.rendering });
  }, [viewer, info]);
  /* Behind a curtain no picture is kept on screen: each canvas goes, and is drawn anew afterwards. */
  if (isCurtainDrawn) return null;
  if (fault) {
    return (
      <div className="panes">
        <div>
          <p>{words.viewer.engineFault}</p>
          <Trouble error={fault} onRetry={() => window.location.reload()} />
        </div>
      </div>
    );
  }
  return (
    <div className={`panes p${layout}`} key={layout}>
      {Array.from({ length: PANES[layout] }, (_, i) => i).map((i) => (
        <PaneView key={i} viewer={viewer} index={i} isDrawn={info !== null} />
      ))}
      <Watermark text={reader} />
    </div>
  );
}
