import type { Alarm } from '@/api/contract';
import { fullText } from '@/ui/time';
import type { Words } from '@/words';

const GIB = 2 ** 30;

const gib = (bytes: number | null): string => `${((bytes ?? 0) / GIB).toFixed(1)} GiB`;

/** An alarm in the language of the screen; one this version does not know as the hub says it. */
export function alarmText(alarm: Alarm, words: Words): string {
  const say = words.alarms[alarm.code];
  return typeof say === 'function'
    ? say(gib(alarm.free_bytes), gib(alarm.limit_bytes), fullText(alarm.since))
    : alarm.sentence;
}

/** Whether images are being turned away, or only soon will be. */
export const isGrave = ({ code }: Alarm): boolean => code !== 'store.low';
