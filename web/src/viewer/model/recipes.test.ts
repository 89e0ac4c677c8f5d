import { describe, expect, it } from 'vitest';
import type { PlaneRecipe } from '@/api/contract';
import { planeShown } from '../planeRecipe';
import { newViewerStore, type ViewerState } from '../state';
import { aStack } from './builders';
import { type CutSet, cutSetOf, type Orientation, rotated, type Turn, turnedIn, UPRIGHT } from './cuts';
import { centreOf, isSamePlane, placeIn, turnOf } from './recipes';
import type { Slab } from './reformat';
import { cross, dot, type Vector } from './vectors';
import { isVolume, volumeOf } from './volume';

const SIZE = { rows: 24, columns: 31, pixelSpacing: [0.7, 0.7] as const };
const source = aStack(
  Array.from({ length: 20 }, (_, i) => i * 1.25),
  SIZE,
);
const MIP: Slab = { mode: 'mip', mm: 10 };

function cutAs(orientation: Orientation, turn: Turn, slab: Slab, point: Vector): CutSet {
  const volume = volumeOf(source);
  if (!isVolume(volume)) throw new Error(volume);
  const isTurned = turn !== UPRIGHT;
  return cutSetOf(source, volume, { orientation, axes: turn[orientation], slab, point, isTurned });
}

/** As a screen would that shows the stack and its planes. */
function stateWith(set: CutSet): ViewerState {
  const series = { uid: source.seriesUid, sets: [source] };
  const studies = [{ series: [series] }] as unknown as ViewerState['studies'];
  return { ...newViewerStore().get(), studies, cuts: [set] };
}

function keptOf(set: CutSet, at: number): PlaneRecipe {
  const found = planeShown(stateWith(set), set.frames[at]?.imageId ?? '');
  if (!found) throw new Error('There is no such plane.');
  return JSON.parse(JSON.stringify(found)) as PlaneRecipe;
}

const START: Vector = [0, 0, 0];
const oblique = turnedIn(turnedIn(UPRIGHT, 'axial', 0.4), 'coronal', -0.2);

describe('a plane that was kept', () => {
  it.each([
    ['coronal', UPRIGHT, MIP],
    ['sagittal', UPRIGHT, { mode: 'single', mm: 10 }],
    ['axial', UPRIGHT, { mode: 'mean', mm: 5 }],
    ['coronal', oblique, MIP],
    ['sagittal', oblique, { mode: 'single', mm: 10 }],
  ] as const)('is found again: %s', (orientation, turn, slab) => {
    const set = cutAs(orientation, turn, slab, [9, 8, 7]);
    const at = Math.floor(set.frames.length / 3);
    const kept = keptOf(set, at);

    const again = cutAs(orientation, turnOf(kept), slab, turn === UPRIGHT ? START : (kept.origin as Vector));

    const place = placeIn(again.cut, kept);
    const upright = cutAs(orientation, UPRIGHT, slab, [9, 8, 7]);
    expect(turn === UPRIGHT ? placeIn(upright.cut, kept) : place).not.toBeNull();
    const other = again.cut.planes[place ?? 0];
    if (turn !== UPRIGHT) expect(other?.origin).toEqual(kept.origin.map((n) => expect.closeTo(n, 6)));
  });

  it('is not taken for one beside it, thicker, of another turn or another stack', () => {
    const set = cutAs('coronal', UPRIGHT, MIP, START);
    const kept = keptOf(set, 6);
    expect(placeIn(set.cut, kept)).toBe(6);
    const moved = kept.origin.map((n) => n + 0.2) as PlaneRecipe['origin'];
    expect(placeIn(set.cut, { ...kept, origin: moved })).toBeNull();
    expect(placeIn(set.cut, { ...kept, slab: { mode: 'mip', mm: 15 } })).toBeNull();
    expect(placeIn(cutAs('coronal', oblique, MIP, START).cut, kept)).toBeNull();
    expect(placeIn(set.cut, { ...kept, columns: kept.columns + 1 })).toBeNull();
    expect(isSamePlane(kept, { ...kept, stack_sha256: 'x' })).toBe(false);
    expect(isSamePlane(kept, null)).toBe(false);
    expect(isSamePlane(undefined, null)).toBe(true);
  });

  it('brings the other two with it at right angles', () => {
    const kept = keptOf(cutAs('coronal', oblique, MIP, START), 4);
    const turn = turnOf(kept);
    const normals = Object.values(turn).map(({ row, column }) => cross(row, column));
    expect(turn.coronal).toEqual({ row: kept.row, column: kept.column });
    for (const [i, one] of normals.entries())
      for (const other of normals.slice(i + 1)) expect(dot(one, other)).toBeCloseTo(0, 9);
    expect(rotated([1, 0, 0], [0, 0, 1], 0)).toEqual([1, 0, 0]);
  });

  it('has its middle in the middle of its picture', () => {
    const kept = keptOf(cutAs('sagittal', UPRIGHT, MIP, START), 2);
    const [x, y, z] = centreOf(kept);
    expect([x, y, z]).toEqual([
      expect.closeTo(kept.origin[0], 9),
      expect.closeTo(8.05, 1),
      expect.any(Number),
    ]);
  });

  it('has one name, also where a rounding error would tip a thousandth', () => {
    const edge = cutAs('coronal', UPRIGHT, MIP, [0, 0.0625, 0]);
    const hair = cutAs('coronal', UPRIGHT, MIP, [0, 0.0625 - 1e-14, 0]);
    expect(hair.id).toBe(edge.id);
  });
});
