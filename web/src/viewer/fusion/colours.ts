/** Colour tables, 256 times red, green, blue: the well-known palettes of PS3.6 B.1, drawn from their knots, and an inverse grey. */

export const TABLES = ['hot_iron', 'hot_metal_blue', 'pet_20_step', 'inverse_grey'] as const;
export type TableName = (typeof TABLES)[number];

type Knot = readonly [at: number, value: number];
type Channels = readonly [red: readonly Knot[], green: readonly Knot[], blue: readonly Knot[]];

/** Straight between the knots. */
const BY_KNOTS: Record<Exclude<TableName, 'pet_20_step'>, Channels> = {
  hot_iron: [
    [
      [0, 0],
      [127, 254],
      [129, 255],
      [255, 255],
    ],
    [
      [0, 0],
      [128, 0],
      [254, 252],
      [255, 255],
    ],
    [
      [0, 0],
      [191, 0],
      [254, 252],
      [255, 255],
    ],
  ],
  hot_metal_blue: [
    [
      [0, 0],
      [85, 0],
      [102, 50],
      [119, 90],
      [153, 190],
      [170, 255],
      [255, 255],
    ],
    [
      [0, 0],
      [119, 0],
      [238, 224],
      [255, 255],
    ],
    [
      [0, 0],
      [17, 33],
      [42, 83],
      [43, 84],
      [76, 149],
      [93, 183],
      [94, 184],
      [102, 200],
      [119, 150],
      [136, 50],
      [153, 0],
      [170, 0],
      [238, 200],
      [255, 255],
    ],
  ],
  inverse_grey: [
    [
      [0, 255],
      [255, 0],
    ],
    [
      [0, 255],
      [255, 0],
    ],
    [
      [0, 255],
      [255, 0],
    ],
  ],
};

/** Where each of the twenty steps begins, and its colour. */
const STEPS: readonly (readonly [from: number, rgb: readonly [number, number, number]])[] = [
  [0, [0, 0, 0]],
  [13, [96, 0, 80]],
  [26, [48, 48, 80]],
  [39, [48, 48, 112]],
  [51, [80, 80, 128]],
  [64, [96, 96, 176]],
  [77, [112, 112, 192]],
  [90, [128, 128, 224]],
  [102, [48, 96, 48]],
  [115, [48, 144, 48]],
  [128, [80, 192, 80]],
  [141, [64, 224, 64]],
  [153, [224, 224, 80]],
  [166, [208, 208, 96]],
  [179, [208, 176, 64]],
  [192, [208, 144, 0]],
  [204, [192, 96, 0]],
  [217, [176, 48, 0]],
  [230, [255, 0, 0]],
  [243, [255, 255, 255]],
];

function between(knots: readonly Knot[], at: number): number {
  const next = knots.findIndex(([place]) => place >= at);
  const [to, from] = [knots[next], knots[next - 1]];
  if (!to) return 0;
  if (!from) return to[1];
  return Math.floor(from[1] + ((to[1] - from[1]) * (at - from[0])) / (to[0] - from[0]) + 0.5);
}

function made(name: TableName): Uint8Array {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i += 1) {
    const rgb =
      name === 'pet_20_step'
        ? (STEPS.findLast(([from]) => from <= i)?.[1] ?? [0, 0, 0])
        : BY_KNOTS[name].map((knots) => between(knots, i));
    table.set(rgb, i * 3);
  }
  return table;
}

const known = new Map<TableName, Uint8Array>();

export function tableOf(name: TableName): Uint8Array {
  const table = known.get(name) ?? made(name);
  known.set(name, table);
  return table;
}

export const nextTable = (name: TableName): TableName =>
  TABLES[(TABLES.indexOf(name) + 1) % TABLES.length] ?? 'hot_iron';

export type Range = readonly [low: number, high: number];

/** Opaque where there is a value above the lower end of the range; nothing elsewhere: there the picture below stands alone. */
export function paintFused(
  values: Float32Array,
  factor: number,
  [low, high]: Range,
  table: Uint8Array,
  rgba: Uint8ClampedArray,
): void {
  const scale = 255 / Math.max(high - low, 1e-9);
  for (let i = 0; i < values.length; i += 1) {
    const above = (values[i] as number) * factor - low;
    /* Also what is no number. */
    if (!(above > 0)) continue;
    const step = Math.min(255, Math.round(above * scale)) * 3;
    const at = i * 4;
    rgba[at] = table[step] as number;
    rgba[at + 1] = table[step + 1] as number;
    rgba[at + 2] = table[step + 2] as number;
    rgba[at + 3] = 255;
  }
}
