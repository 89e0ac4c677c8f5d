import { type Command, useCommands } from '@/ui/commands';
import { useOwnKeys } from '@/ui/keys';
import { useStore } from '@/ui/store';
import type { ViewerCase } from '@/viewer/case';
import { viewerCommands } from '@/viewer/commands';
import { useWords } from '@/words';

/** The viewer's commands as this screen offers them, under this person's keys. What they are depends on what hangs. */
export function useViewerCommands(viewer: ViewerCase): readonly Command[] {
  useStore(viewer.store, ({ active, panes }) => panes[active]?.setId ?? null);
  useStore(viewer.store, (state) => state.isLinked);
  useStore(viewer.store, (state) => state.together);
  useStore(viewer.store, (state) => state.hanging);
  const commands = viewerCommands(viewer, useWords());
  useCommands(commands);
  return useOwnKeys(commands);
}
