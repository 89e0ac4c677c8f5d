import { describe, expect, it } from 'vitest';
import { aFrame } from './builders';
import { cut, type Plane, type Slab, samplesOf, type Voxels } from './reformat';
import { displaySetsOf } from './stacks';
import { along, cross, dot, opposite, unit, type Vector } from './vectors';
import { isVolume, type Volume, volumeOf } from './volume';

const SIZE = 24;
const SINGLE: Slab = { mode: 'single', mm: 0 };

interface Shape {
  z: readonly number[];
  /** How far a slice steps along its rows and columns for each mm of `z`. */
  lean?: readonly [number, number];
  row?: Vector;
  column?: Vector;
  spacing?: readonly [number, number];
}

const first = { row: [1, 0, 0] as Vector, column: [0, 1, 0] as Vector };

interface Made {
  volume: Volume;
  /** First pixel of each slice, in the volume's order. */
  origins: Vector[];
  axes: { row: Vector; column: Vector; normal: Vector };
  spacing: readonly [number, number];
}

function made({
  z,
  lean = [0, 0],
  row = first.row,
  column = first.column,
  spacing = [1.5, 0.8],
}: Shape): Made {
  const normal = cross(row, column);
  const places = z.map((d) =>
    along(along(along([-7, 11, 3], normal, d), row, lean[0] * d), column, lean[1] * d),
  );
  const frames = places.map((position, i) =>
    aFrame({
      instanceNumber: i + 1,
      position,
      row,
      column,
      pixelSpacing: spacing,
      rows: SIZE,
      columns: SIZE + 3,
    }),
  );
  const [set] = displaySetsOf(frames, 's', 't');
  const volume = set ? volumeOf(set) : 'too_few';
  if (!isVolume(volume) || !set) throw new Error(String(volume));
  const origins = volume.order.map((index): Vector => set.frames[index]?.position ?? [0, 0, 0]);
  return { volume, origins, axes: { row, column, normal }, spacing };
}

/** Stored numbers so that each voxel's value is the function of its place; slices differ in slope and intercept. */
function filled({ volume, origins, axes, spacing }: Made, value: (point: Vector) => number): Voxels {
  const slope = Float64Array.from(origins, (_, k) => 1 + k / 10);
  const intercept = Float64Array.from(origins, (_, k) => 40 - 7 * k);
  const pixels = origins.map((origin, k) =>
    Float32Array.from({ length: volume.rows * volume.columns }, (_, p) => {
      const [r, c] = [Math.floor(p / volume.columns), p % volume.columns];
      const point = along(along(origin, axes.row, c * spacing[1]), axes.column, r * spacing[0]);
      return (value(point) - (intercept[k] ?? 0)) / (slope[k] ?? 1);
    }),
  );
  return { pixels, slope, intercept };
}

function aPlane(origin: Vector, row: Vector, towards: Vector, size = 40, between = 0.7): Plane {
  const [r, n] = [unit(row) ?? row, unit(cross(row, towards)) ?? towards];
  return {
    origin,
    row: r,
    column: cross(n, r),
    betweenColumns: between,
    betweenRows: 0.9,
    columns: size,
    rows: size - 5,
  };
}

const pointAt = (plane: Plane, i: number, j: number, mm = 0): Vector =>
  along(
    along(along(plane.origin, plane.row, i * plane.betweenColumns), plane.column, j * plane.betweenRows),
    cross(plane.row, plane.column),
    mm,
  );

const ramp = ([x, y, z]: Vector): number => 3 * x - 5 * y + 11 * z + 100;
/** Nothing about it is the same along two axes. */
const bumpy = ([x, y, z]: Vector): number =>
  80 * Math.sin(x) + 60 * Math.cos(1.7 * y) + 90 * Math.sin(2.3 * z + 1) + x;

/** The direct formula, one point at a time, without anything of the code under test. */
function direct(m: Made, value: (point: Vector) => number, point: Vector, bridges = true): number {
  const { origins, axes, spacing, volume } = m;
  const d = dot(point, axes.normal);
  const at = origins.map((origin) => dot(origin, axes.normal));
  const k = at.findIndex((low, i) => i < at.length - 1 && d >= low - 1e-9 && d <= (at[i + 1] ?? 0) + 1e-9);
  if (k < 0 || (!bridges && (at[k + 1] ?? 0) - (at[k] ?? 0) > volume.stepMm * 1.5)) return Number.NaN;
  const t = (d - (at[k] ?? 0)) / ((at[k + 1] ?? 0) - (at[k] ?? 0));
  const [a, b] = [origins[k] as Vector, origins[k + 1] as Vector];
  const origin: Vector = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2])];
  const away: Vector = [point[0] - origin[0], point[1] - origin[1], point[2] - origin[2]];
  const [c, r] = [dot(away, axes.row) / spacing[1], dot(away, axes.column) / spacing[0]];
  if (c < -1e-6 || r < -1e-6 || c > volume.columns - 1 + 1e-6 || r > volume.rows - 1 + 1e-6)
    return Number.NaN;
  const [c0, r0] = [
    Math.min(volume.columns - 2, Math.max(0, Math.floor(c))),
    Math.min(volume.rows - 2, Math.max(0, Math.floor(r))),
  ];
  let sum = 0;
  for (const [dc, dr, dk] of [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n & 1, (n >> 1) & 1, n >> 2] as const)) {
    const place = along(
      along(origins[k + dk] as Vector, axes.row, (c0 + dc) * spacing[1]),
      axes.column,
      (r0 + dr) * spacing[0],
    );
    const weight = (dc ? c - c0 : 1 - c + c0) * (dr ? r - r0 : 1 - r + r0) * (dk ? t : 1 - t);
    sum += weight * value(place);
  }
  return sum;
}

const S = Math.SQRT1_2;
const EVEN = Array.from({ length: 12 }, (_, i) => 2 * i);
const SHAPES: Record<string, Shape> = {
  upright: { z: EVEN },
  'taken from the other end': { z: [...EVEN].reverse() },
  tilted: { z: EVEN, lean: [0, Math.tan(0.32)] },
  'leaning both ways': { z: EVEN, lean: [0.2, -0.3] },
  uneven: { z: [0, 2, 4.3, 6, 8.1, 10, 12.9, 15, 17.2, 19, 21] },
  'a coronal series': { z: EVEN, row: [1, 0, 0], column: [0, 0, -1] },
  'a double oblique series': { z: EVEN, row: [S, S, 0], column: [-0.5, 0.5, S] },
};

const middle = ({ origins, axes, spacing }: Made): Vector => {
  const half = origins[Math.floor(origins.length / 2)] as Vector;
  return along(along(half, axes.row, (SIZE / 2) * spacing[1]), axes.column, (SIZE / 2) * spacing[0]);
};

function planesAround(m: Made): Record<string, Plane> {
  const centre = middle(m);
  const around = (row: Vector, towards: Vector): Plane => {
    const plane = aPlane(centre, row, towards);
    return { ...plane, origin: along(along(centre, plane.row, -14), plane.column, -15.7) };
  };
  return {
    axial: around([1, 0, 0], [0, 1, 0]),
    coronal: around([1, 0, 0], [0, 0, -1]),
    sagittal: around([0, 1, 0], [0, 0, -1]),
    'turned in the slice': around([S, S, 0], [-S, S, 0]),
    steep: around([0.1, 0.2, 1], [1, 0.3, 0]),
    oblique: around([1, 0.4, 0.3], [-0.5, 1, 0.7]),
    'against the slices': around([0.2, 0.1, -1], [0, -1, 0.2]),
  };
}

function compare(values: Float32Array, plane: Plane, wanted: (i: number, j: number) => number): number {
  let inside = 0;
  for (let j = 0; j < plane.rows; j += 1) {
    for (let i = 0; i < plane.columns; i += 1) {
      const [found, right] = [values[j * plane.columns + i] as number, wanted(i, j)];
      if (Number.isNaN(right) !== Number.isNaN(found)) throw new Error(`${i},${j}: ${found} for ${right}`);
      if (Number.isNaN(right)) continue;
      inside += 1;
      if (Math.abs(found - right) > 1e-3) throw new Error(`${i},${j}: ${found} for ${right}`);
    }
  }
  return inside;
}

describe.each(Object.entries(SHAPES))('%s', (_, shape) => {
  const m = made(shape);

  it.each(Object.entries(planesAround(m)))('%s: a ramp comes back exactly', (_name, plane) => {
    const values = cut(m.volume, filled(m, ramp), plane, SINGLE);
    const inside = compare(values, plane, (i, j) => {
      const point = pointAt(plane, i, j);
      return Number.isNaN(direct(m, ramp, point)) ? Number.NaN : ramp(point);
    });
    expect(inside).toBeGreaterThan(150);
  });

  it.each(Object.entries(planesAround(m)))(
    '%s: values are those of the eight voxels around',
    (_name, plane) => {
      const values = cut(m.volume, filled(m, bumpy), plane, SINGLE);
      const inside = compare(values, plane, (i, j) => direct(m, bumpy, pointAt(plane, i, j)));
      expect(inside).toBeGreaterThan(150);
    },
  );
});

describe('a slab', () => {
  const MODES = [
    ['mip', (values: number[]) => Math.max(...values)],
    ['minip', (values: number[]) => Math.min(...values)],
    ['mean', (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length],
  ] as const;

  it.each(['upright', 'tilted', 'uneven'].flatMap((name) => MODES.map((mode) => [name, ...mode] as const)))(
    '%s %s is taken over its whole thickness and no more',
    (name, mode, reduce) => {
      const m = made(SHAPES[name] as Shape);
      for (const plane of Object.values(planesAround(m)).slice(0, 6)) {
        const values = cut(m.volume, filled(m, ramp), plane, { mode, mm: 6 });
        let checked = 0;
        for (let j = 0; j < plane.rows; j += 4)
          for (let i = 0; i < plane.columns; i += 4) {
            const through = [-3, -1.5, 0, 1.5, 3].map((mm) => direct(m, ramp, pointAt(plane, i, j, mm)));
            if (through.some(Number.isNaN)) continue;
            expect(values[j * plane.columns + i]).toBeCloseTo(reduce(through), 2);
            checked += 1;
          }
        expect(checked).toBeGreaterThan(8);
      }
    },
  );

  it('along the voxels of an upright volume finds the largest value exactly, whatever the spacing', () => {
    const m = made(SHAPES.upright as Shape);
    const voxels = filled(m, bumpy);
    const { axial, coronal, sagittal } = planesAround(m) as Record<string, Plane>;
    const seen = [axial, coronal, sagittal] as Plane[];
    /* Also looked at from the other side, and never in the very place of a slice. */
    const turned = seen.map((one) => ({
      ...one,
      row: opposite(one.row),
      origin: along(one.origin, one.row, 28),
    }));
    for (const one of [...seen, ...turned]) {
      const plane = { ...one, origin: along(one.origin, cross(one.row, one.column), 0.37) };
      const values = cut(m.volume, voxels, plane, { mode: 'mip', mm: 5 });
      for (const [i, j] of [
        [20, 20],
        [17, 15],
        [22, 19],
      ] as const) {
        const fine = Array.from({ length: 2001 }, (_, s) =>
          direct(m, bumpy, pointAt(plane, i, j, -2.5 + s * 0.0025)),
        );
        const most = Math.max(...fine.filter((one) => !Number.isNaN(one)));
        expect(values[j * plane.columns + i]).toBeGreaterThanOrEqual(most - 1e-3);
        expect(values[j * plane.columns + i]).toBeLessThanOrEqual(most + 1);
      }
    }
  });

  it('is looked at from half a voxel to half a voxel in an oblique plane', () => {
    const m = made(SHAPES.upright as Shape);
    const plane = planesAround(m).oblique as Plane;
    const samples = samplesOf(m.volume, plane, { mode: 'mip', mm: 10 });
    const normal = cross(plane.row, plane.column);
    const voxelsPerMm = Math.max(
      Math.abs(normal[0]) / 0.8,
      Math.abs(normal[1]) / 1.5,
      Math.abs(normal[2]) / 2,
    );
    const gaps = samples.slice(1).map((one, i) => one.mm - (samples[i]?.mm ?? 0));
    expect(Math.max(...gaps) * voxelsPerMm).toBeLessThanOrEqual(0.5 + 1e-9);
    expect([samples[0]?.mm, samples.at(-1)?.mm]).toEqual([-5, 5]);
    expect(samples.reduce((sum, one) => sum + one.weight, 0)).toBeCloseTo(1, 9);
  });

  it('counts only what has a value, and has none where nothing has', () => {
    const m = made(SHAPES.upright as Shape);
    const coronal = planesAround(m).coronal as Plane;
    const edge = along(coronal.origin, cross(coronal.row, coronal.column), -18);
    const values = cut(
      m.volume,
      filled(m, () => 7),
      { ...coronal, origin: edge },
      { mode: 'mean', mm: 10 },
    );
    const known = values.filter((one) => !Number.isNaN(one));
    expect(known.length).toBeGreaterThan(100);
    for (const one of known) expect(one).toBeCloseTo(7, 4);
    const away = along(coronal.origin, cross(coronal.row, coronal.column), -40);
    for (const mode of ['mip', 'minip', 'mean'] as const)
      expect(
        cut(m.volume, filled(m, ramp), { ...coronal, origin: away }, { mode, mm: 10 }).every(Number.isNaN),
      ).toBe(true);
  });
});

describe('missing slices', () => {
  const m = made({ z: [0, 2, 4, 6, 12, 14, 16, 18, 20] });

  it.each(Object.entries(planesAround(m)))('%s: nothing is made up between them', (_name, plane) => {
    const values = cut(m.volume, filled(m, ramp), plane, SINGLE);
    compare(values, plane, (i, j) => {
      const point = pointAt(plane, i, j);
      const d = dot(point, m.axes.normal) - dot(m.origins[0] as Vector, m.axes.normal);
      const isAtSlice = Math.abs(d - 6) < 1e-4 || Math.abs(d - 12) < 1e-4;
      return direct(m, ramp, point, isAtSlice);
    });
  });
});
