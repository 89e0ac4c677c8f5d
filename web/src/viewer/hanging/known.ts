/** The protocols everybody has, and what protocols and stages are called. Light: the office screens use it too. */
import { hangingProtocols } from '@/api/hub';
import type { Words } from '@/words';
import type { Fit } from './choose';

export const sharedQuery = {
  queryKey: ['hanging'],
  queryFn: hangingProtocols.list,
  staleTime: 300_000,
} as const;

/** The program's own protocols are named by the words of the interface, all others as their makers named them. */
export const protocolName = ({ owner, protocol }: Pick<Fit, 'owner' | 'protocol'>, words: Words): string =>
  (owner === 'default' ? words.hanging.names[protocol.name] : undefined) ?? protocol.name;

export const stageName = (name: string, at: number, words: Words): string =>
  words.hanging.stages[name] || name || words.hanging.stageNo(at + 1);
