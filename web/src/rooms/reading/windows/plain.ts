/** What a value from another window is, looked at one by one: nothing is believed because of its type. */
export type Fields = Record<string, unknown>;

export const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
export const isText = (value: unknown, most = 200): value is string =>
  typeof value === 'string' && value.length <= most;
export const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
export const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);
export const isBool = (value: unknown): value is boolean => typeof value === 'boolean';
export const isOneOf = (value: unknown, all: readonly unknown[]): boolean => all.includes(value);
export const isListOf = (value: unknown, most: number, is: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= most && value.every(is);
export const isNothingOr = (value: unknown, is: (one: unknown) => boolean): boolean =>
  value === null || value === undefined || is(value);
