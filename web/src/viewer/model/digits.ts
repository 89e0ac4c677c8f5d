/** As many digits as a measurement by hand deserves. */
export const lengthText = (value: number, unit: 'mm' | 'px'): string =>
  unit === 'mm' ? `${value.toFixed(1)} mm` : `${value.toFixed(0)} px`;

export const areaText = (value: number, unit: 'mm' | 'px'): string =>
  `${value.toFixed(unit === 'mm' && value < 100 ? 1 : 0)} ${unit}²`;

export const angleText = (degrees: number): string => `${degrees.toFixed(1)}°`;

const SIGNIFICANT = 4;

/** A pixel value as it is: whole ones whole, others with four digits that count. */
export const valueText = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(SIGNIFICANT)));

/** Mean and spread: one decimal, more only where the values themselves are small. */
export const meanText = (value: number): string =>
  Math.abs(value) >= 10 || value === 0 ? value.toFixed(1) : String(Number(value.toPrecision(3)));
