import { useEffect, useState } from 'react';
import { useCurtain } from '@/ui/curtain';
import { Trouble } from '@/ui/feedback';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from './case';
import { type EngineInfo, startEngine } from './engine/start';
import { useLoupeKey } from './parts/Loupe';
import { PaneView } from './parts/PaneView';
import { Watermark } from './parts/Watermark';
import { PANES } from './state';
import './pictures.css';
import './viewer.css';

/** The picture areas of one case. A new layout is built from nothing, so no pane inherits another's scale. */
export function Viewer({ viewer, reader }: { viewer: ViewerCase; reader: string }) {
  const words = useWords();
  const [engine, setEngine] = useState<EngineInfo | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  useLoupeKey(viewer);
  const isCurtainDrawn = useCurtain();
  const layout = useStore(viewer.store, (state) => state.layout);
  useEffect(() => {
    let isGone = false;
    startEngine()
      .then((info) => {
        if (isGone) return;
        setEngine(info);
        viewer.store.set({ rendering: info.rendering });
      })
      .catch((error: unknown) => !isGone && setFault(error));
    return () => {
      isGone = true;
    };
  }, [viewer]);
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
      {engine &&
        Array.from({ length: PANES[layout] }, (_, i) => i).map((i) => (
          <PaneView key={i} viewer={viewer} index={i} />
        ))}
      <Watermark text={reader} />
    </div>
  );
}
