/** How panes looked when a curtain was drawn: they look so again when it is lifted. */
import { beforeCurtain } from '@/ui/curtain';
import type { ViewerCase } from './case';
import type { Look, StackPane } from './engine/stage';
import type { PictureView } from './engine/view';

interface Left {
  setId: string;
  look: Look;
  view: PictureView | null;
  isByLut: boolean;
}

export class Resumed {
  private readonly viewer: ViewerCase;
  private readonly left = new Map<number, Left>();
  readonly close: () => void;

  constructor(viewer: ViewerCase) {
    this.viewer = viewer;
    this.close = beforeCurtain(() => this.note());
  }

  private note(): void {
    this.viewer.store.get().panes.forEach(({ setId, look, lut }, index) => {
      const view = this.viewer.view(index);
      if (setId && look && view)
        this.left.set(index, { setId, look, view: view.view(), isByLut: lut !== null });
    });
  }

  /** Once, and only for the same stack. */
  settle(index: number, view: StackPane, setId: string): void {
    const left = this.left.get(index);
    this.left.delete(index);
    if (left?.setId !== setId) return;
    if (left.view) view.showView(left.view);
    if (!left.isByLut) view.setWindow(left.look.center, left.look.width);
    view.setInverted(left.look.isInverted);
  }
}
