import type { PlaneRecipe, Recipe } from '@/api/contract';
import { words } from '@/words';
import type { ViewerCase } from './case';
import { fusionIn } from './fusion/fusion';
import { whyNotWhole } from './marking';
import type { Frame } from './model/metadata';
import type { DisplaySet } from './model/stacks';
import { defaultLut } from './pictures';
import { fateOfPlane, imageOfPlane, planeShown, sourceOfPlane } from './planeRecipe';
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
  if (!frame) return { why: k.whyNothing };
  const lack = whyNotWhole(viewer, index);
  if (lack) return { why: lack === 'waiting' ? k.whyWaiting : k.whyNotFull };
  const shown = view.view();
  if (!shown) return { why: k.whyAslant };
  /* The hub draws the file's first VOI LUT where no window is named, and no other. */
  if (pane.lut) return { why: k.whyLut };
  const place = placeOfFrame(viewer, frame);
  if (!place) return { why: k.whyNothing };
  const { rotationDeg, isMirrored, area } = shown;
  const { center, width, isInverted } = pane.look;
  return {
    recipe: {
      ...place,
      window: frame.isColour || pane.lut === 0 ? null : { center, width, function: frame.voiFunction },
      is_low_white: isInverted,
      rotation_deg: rotationDeg,
      is_mirrored: isMirrored,
      area,
      marks: viewer.marking.onImage(frame.imageId),
    },
  };
}

/** The frame or, of a plane cut here, its geometry: what the hub draws again. */
function placeOfFrame(
  viewer: ViewerCase,
  { imageId, sopInstanceUid, frameNumber }: Frame,
): Pick<Recipe, 'sop_instance_uid' | 'frame_number' | 'plane'> | null {
  if (sopInstanceUid) return { sop_instance_uid: sopInstanceUid, frame_number: frameNumber, plane: null };
  const plane = planeShown(viewer.store.get(), imageId);
  return plane && { sop_instance_uid: null, frame_number: null, plane };
}

const PATIENCE_MS = 20_000;

interface Place {
  set: DisplaySet;
  at: number;
  imageId: string;
}

function placeOf(viewer: ViewerCase, { sop_instance_uid: sop, frame_number: number }: Recipe): Place | null {
  const frame = sop ? viewer.frameOf(sop, number ?? 1) : null;
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

/** Opens a plane as it was kept: of the same stack, in the same turn and slab, in the same place. Or says why not. */
export async function openPlane(viewer: ViewerCase, plane: PlaneRecipe): Promise<string> {
  const k = words().figures;
  await until(viewer, () => fateOfPlane(viewer.store.get(), plane) !== 'waiting');
  const source = sourceOfPlane(viewer.store.get(), plane);
  if (!source) return fateOfPlane(viewer.store.get(), plane) === 'changed' ? k.whyStackChanged : k.whyNotHere;
  const why = viewer.planes.open(source, plane);
  if (why) return why;
  const { active } = viewer.store.get();
  const imageId = imageOfPlane(viewer.store.get(), plane);
  return (await isShown(viewer, active, imageId)) ? '' : k.whyNotHere;
}

/** What a stack hangs with is laid on it after its first picture: it must not be laid over what is recalled. */
const isShown = (viewer: ViewerCase, index: number, imageId: string | null): Promise<boolean> =>
  until(viewer, () => {
    const pane = viewer.store.get().panes[index];
    return pane?.isSettled === true && pane.shown?.imageId === imageId;
  });

/** Shows the image of a key image again: its slice or plane, part, window and turn. Returns why not; empty when it does. */
export async function recall(viewer: ViewerCase, recipe: Recipe): Promise<string> {
  const why = await (recipe.plane ? openPlane(viewer, recipe.plane) : openFrame(viewer, recipe));
  return why || layAsKept(viewer, recipe);
}

async function openFrame(viewer: ViewerCase, recipe: Recipe): Promise<string> {
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
  return (await isShown(viewer, index, place.imageId)) ? '' : k.whyNotHere;
}

const frameIn = (viewer: ViewerCase, index: number): Frame | undefined =>
  viewer.frame(viewer.store.get().panes[index]?.shown?.imageId) ?? undefined;

/** Part, window and turn of what hangs in the active pane. */
function layAsKept(viewer: ViewerCase, recipe: Recipe): string {
  viewer.hanger.touch();
  const index = viewer.store.get().active;
  const view = viewer.view(index);
  if (!view) return words().figures.whyNotHere;
  const { area, rotation_deg: rotationDeg, is_mirrored: isMirrored, window: asked } = recipe;
  view.showView({ area, rotationDeg, isMirrored });
  if (asked) viewer.setWindow(index, asked.center, asked.width);
  else viewer.changePane(index, { lut: defaultLut(frameIn(viewer, index), 0) });
  view.setInverted(recipe.is_low_white);
  return '';
}
