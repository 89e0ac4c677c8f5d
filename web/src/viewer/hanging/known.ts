/** The protocols everybody has, and what protocols and stages are called. Light: the office screens use it too. */
import type { HangingStage } from '@/api/contract';
import { hangingProtocols } from '@/api/hub';
import type { Words } from '@/words';
import type { Fit } from './choose';
import { type Scene, sharesOf } from './scenes';

export const sharedQuery = {
  queryKey: ['hanging'],
  queryFn: hangingProtocols.list,
  staleTime: 300_000,
} as const;

/** The program's own protocols are named by the words of the interface, all others as their makers named them. */
export const protocolName = ({ owner, protocol }: Pick<Fit, 'owner' | 'protocol'>, words: Words): string =>
  (owner === 'default' ? words.hanging.names[protocol.name] : undefined) ?? protocol.name;

/** By the stages it shows; a part of a stage that has no screen of its own says which part it is. */
export function sceneName(scene: Scene, stages: readonly HangingStage[], words: Words): string {
  const parts = scene.flatMap((part) => (part ? [part] : []));
  const names = [...new Set(parts.map(({ stage }) => stage))].map((stage) => {
    const one = stages[stage];
    const shares = one ? sharesOf(one).length : 1;
    const own = parts.filter((part) => part.stage === stage).map(({ share }) => share + 1);
    const name = stageName(one?.name ?? '', stage, words);
    return own.length < shares ? words.hanging.partOf(name, own.join('・')) : name;
  });
  return names.join(' ＋ ');
}

export const stageName = (name: string, at: number, words: Words): string =>
  words.hanging.stages[name] || name || words.hanging.stageNo(at + 1);

/** Scenes, screens and panes are what they are by their place. */
export const numbered = <One>(all: readonly One[]): { one: One; at: number; key: string }[] =>
  all.map((one, at) => ({ one, at, key: `place-${at}` }));
