/** Series as they would be described, for tests. */
import { aFrame } from '../model/builders';
import type { Frame } from '../model/metadata';
import { displaySetsOf } from '../model/stacks';
import { factsOf } from './facts';
import type { Hangable } from './select';

const value = (one: unknown) => ({ vr: 'LO', Value: [one] });

export interface Made {
  name?: string;
  role?: 'current' | 'prior';
  frame?: Partial<Frame>;
  count?: number;
  tags?: Record<string, string | number>;
}

let made = 0;

/** A series as it would be described, axial unless told otherwise. */
export function aSeries({
  name = '',
  role = 'current',
  frame = {},
  count = 10,
  tags = {},
}: Made = {}): Hangable {
  made += 1;
  const frames = Array.from({ length: count }, (_, i) =>
    aFrame({
      imageId: `w:${made}/${i}`,
      sopInstanceUid: `1.${made}.${i}`,
      instanceNumber: i + 1,
      position: [0, 0, i * 5],
      thicknessMm: 5,
      ...frame,
    }),
  );
  const set = displaySetsOf(frames, `series${made}`, role)[0];
  if (!set) throw new Error('A series needs frames.');
  const json = {
    '0008103E': value(name),
    ...Object.fromEntries(Object.entries(tags).map(([tag, one]) => [tag, value(one)])),
  };
  return { set, facts: factsOf(set, json), role, seriesNumber: made };
}

export const sagittal = { row: [0, 1, 0], column: [0, 0, -1] } as const;
export const mr = (name: string, frame: Partial<Frame> = {}, role: Made['role'] = 'current') =>
  aSeries({ name, role, frame: { modality: 'MR', ...frame } });
export const kernel = (name: string) => ({ '00181210': name });
