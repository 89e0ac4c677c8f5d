/** Window presets by modality. Keys 1 to 9 choose in this order; DICOM's own windows come first under key 1. */
import type { Frame } from './metadata';
import type { VoiFunction } from './picture';
import { factorOf } from './values';

export interface WindowPreset {
  /** A word key of the viewer's texts, or the explanation the scanner gave. */
  name: { key: PresetKey } | { text: string };
  center: number;
  width: number;
  /** A VOI LUT of the file instead of a window. */
  lut?: number;
  /** Low values are white. */
  isInverted?: boolean;
}

export type PresetKey =
  | 'dicom'
  | 'brain'
  | 'stroke'
  | 'bone'
  | 'lung'
  | 'mediastinum'
  | 'abdomen'
  | 'liver'
  | 'vessel'
  | 'suv5'
  | 'suv10'
  | 'full';

/** Centre and width in Hounsfield units, as commonly used in Japanese practice. */
const CT: readonly [PresetKey, number, number][] = [
  ['brain', 40, 80],
  ['stroke', 35, 40],
  ['bone', 500, 2500],
  ['lung', -600, 1600],
  ['mediastinum', 40, 400],
  ['abdomen', 40, 350],
  ['liver', 70, 150],
  ['vessel', 300, 800],
];

/** A preset by its name, where this image can be shown with it; NaN asks for the whole range. */
export function presetNamed(key: PresetKey, frame: Frame | undefined): WindowPreset | null {
  return presetsFor(frame).find(({ name }) => 'key' in name && name.key === key) ?? null;
}

/** The preset a window is, to the nearest whole number. */
export function presetOf(
  look: { center: number; width: number } | null,
  frame: Frame | undefined,
): PresetKey | null {
  if (!look || !frame) return null;
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1.5;
  const found = presetsFor(frame).find((one) => near(one.center, look.center) && near(one.width, look.width));
  return found && 'key' in found.name ? found.name.key : null;
}
const SUV: readonly [PresetKey, number][] = [
  ['suv5', 5],
  ['suv10', 10],
];

/** From nothing to so much SUV, dark where there is much. */
function suvPresets(frame: Frame): WindowPreset[] {
  if (frame.suv?.kind !== 'factor') return [];
  const factor = factorOf(frame);
  return SUV.map(([key, top]) => ({
    name: { key },
    ...windowOf(0, top / factor, frame.voiFunction),
    isInverted: true,
  }));
}

/** VOI LUTs of the file, by the explanation it gives of them. */
const lutPresets = ({ picture }: Frame): WindowPreset[] =>
  picture.voiLuts.map(({ label }, lut) => ({
    name: { text: `VOI LUT ${label || lut + 1}` },
    center: Number.NaN,
    width: Number.NaN,
    lut,
  }));

export function presetsFor(frame: Frame | undefined): WindowPreset[] {
  if (!frame || frame.isColour) return [];
  const own = frame.windows[0];
  const first: WindowPreset[] = own ? [{ name: { key: 'dicom' }, center: own.center, width: own.width }] : [];
  if (frame.modality === 'CT') {
    return [...first, ...CT.map(([key, center, width]) => ({ name: { key }, center, width }))].slice(0, 9);
  }
  const further = frame.windows.slice(1, 8).map((w) => ({ name: { text: w.label || '2' }, ...w }));
  return [
    ...suvPresets(frame),
    ...first,
    ...lutPresets(frame),
    ...further,
    { name: { key: 'full' as const }, center: Number.NaN, width: Number.NaN },
  ].slice(0, 9);
}

/** DICOM window to the range of values shown (PS3.3 C.11.2.1.2.1, C.11.2.1.3.2). A sigmoid's range is where a line would end. */
export const rangeOf = (
  center: number,
  width: number,
  how: VoiFunction = 'LINEAR',
): { lower: number; upper: number } =>
  how === 'LINEAR_EXACT'
    ? { lower: center - width / 2, upper: center + width / 2 }
    : { lower: center - 0.5 - (width - 1) / 2, upper: center - 0.5 + (width - 1) / 2 };

export const windowOf = (
  lower: number,
  upper: number,
  how: VoiFunction = 'LINEAR',
): { center: number; width: number } =>
  how === 'LINEAR_EXACT'
    ? { center: (lower + upper) / 2, width: upper - lower }
    : { center: (lower + upper) / 2 + 0.5, width: upper - lower + 1 };
