/** Lengths with an honest unit: millimetres only where Pixel Spacing says what a pixel is in the patient. */
export interface LengthOnImage {
  value: number;
  unit: 'mm' | 'px';
}

type Point = readonly [number, number];

/** Points are [column, row] in pixels of the stored image; spacing is [between rows, between columns] in mm. */
export function lengthOnImage(a: Point, b: Point, spacing: readonly [number, number] | null): LengthOnImage {
  const across = b[0] - a[0];
  const down = b[1] - a[1];
  if (!spacing) return { value: Math.hypot(across, down), unit: 'px' };
  return { value: Math.hypot(across * spacing[1], down * spacing[0]), unit: 'mm' };
}

export const lengthText = ({ value, unit }: LengthOnImage): string =>
  unit === 'mm' ? `${value.toFixed(1)} mm` : `${value.toFixed(0)} px`;
