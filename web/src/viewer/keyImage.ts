import type { Recipe } from '@/api/contract';
import { words } from '@/words';
import type { ViewerCase } from './case';
import { fusionIn } from './fusion/fusion';
import { whyNotWhole } from './marking';
import { defaultLut } from './pictures';
import { findSet } from './state';

/** What a pane shows as numbers from which the hub draws the same, or why that cannot be said now. */
export function recipeOf(viewer: ViewerCase, index: number): { recipe: Recipe } | { why: string } {
  const k = words().figures;
  const pane = viewer.store.get().panes[index];
  const view = viewer.view(index);
  if (!pane?.shown || !view || !pane.look) return { why: k.whyNothing };
  if (pane.documentUid) return { why: k.whyDocument };
  /* The hub would draw the picture without what lies over it: not what was on screen. */
  if (fusionIn(viewer.store.get(), index)) return { why: words().fusion.whyKeyImage };
  const frame = viewer.frame(pane.shown.imageId);
  /* Reformatted planes are no stored frame: there is nothing the hub could draw again. */
  if (!frame?.sopInstanceUid) return { why: k.whyReformatted };
  const lack = whyNotWhole(viewer, index);
  if (lack) return { why: lack === 'waiting' ? k.whyWaiting : k.whyNotFull };
  const shown = view.view();
  if (!shown) return { why: k.whyAslant };
  /* The hub draws the file's first VOI LUT where no window is named, and no other. */
  if (pane.lut) return { why: k.whyLut };
  const { rotationDeg, isMirrored, area } = shown;
  const { center, width, isInverted } = pane.look;
  return {
    recipe: {
      sop_instance_uid: frame.sopInstanceUid,
      frame_number: frame.frameNumber,
      window: frame.isColour || pane.lut === 0 ? null : { center, width, function: frame.voiFunction },
      is_low_white: isInverted,
      rotation_deg: rotationDeg,
      is_mirrored: isMirrored,
      area,
      marks: viewer.marking.onImage(frame.imageId),
    },
  };
}

const PATIENCE_MS = 20_000;

function placeOf(viewer: ViewerCase, recipe: Recipe) {
  const frame = viewer.frameOf(recipe.sop_instance_uid, recipe.frame_number);
  if (!frame) return null;
  for (const study of viewer.store.get().studies)
    for (const series of study.series)
      for (const set of series.sets) {
        const at = set.frames.findIndex((one) => one.imageId === frame.imageId);
        if (at >= 0) return { set, at, imageId: frame.imageId };
      }
  return null;
}

/** Resolves when the condition holds; false when it did not for long, or another recall came. */
function until(viewer: ViewerCase, isSo: () => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    if (isSo()) {
      resolve(true);
      return;
    }
    const finish = (answer: boolean): void => {
      clearTimeout(timer);
      stop();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(false), PATIENCE_MS);
    const stop = viewer.store.subscribe(() => isSo() && finish(true));
  });
}

/** Shows the image of a key image again: its slice, part, window and turn. Returns why not; empty when it does. */
export async function recall(viewer: ViewerCase, recipe: Recipe): Promise<string> {
  const k = words().figures;
  if (!(await until(viewer, () => placeOf(viewer, recipe) !== null))) return k.whyNotHere;
  const place = placeOf(viewer, recipe);
  if (!place) return k.whyNotHere;
  const { panes, active } = viewer.store.get();
  const beside = panes.findIndex((pane, i) => pane.setId === place.set.id && viewer.view(i) !== null);
  const index = panes[active]?.setId === place.set.id || beside < 0 ? active : beside;
  viewer.activate(index);
  if (findSet(viewer.store.get(), panes[index]?.setId ?? null)?.id !== place.set.id)
    viewer.showSet(index, place.set);
  viewer.scrollTo(index, place.at);
  /* What a stack hangs with is laid on it after its first picture: it must not be laid over what is recalled. */
  const isThere = (): boolean => {
    const pane = viewer.store.get().panes[index];
    return pane?.isSettled === true && pane.shown?.imageId === place.imageId;
  };
  if (!(await until(viewer, isThere))) return k.whyNotHere;
  viewer.hanger.touch();
  const view = viewer.view(index);
  if (!view) return k.whyNotHere;
  const { area, rotation_deg: rotationDeg, is_mirrored: isMirrored, window: asked } = recipe;
  view.showView({ area, rotationDeg, isMirrored });
  if (asked) viewer.setWindow(index, asked.center, asked.width);
  else viewer.changePane(index, { lut: defaultLut(viewer.frame(place.imageId) ?? undefined, 0) });
  view.setInverted(recipe.is_low_white);
  return '';
}
