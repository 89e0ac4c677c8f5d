/** Times as people in Japan read them: always JST, with 今日 and 昨日, and how long is left. */
import type { Words } from '@/words/ja';

type TimeWords = Words['time'];

const JST_MINUTES = 9 * 60;
const DAY_MS = 86_400_000;

interface JstParts {
  year: number;
  month: number;
  day: number;
  weekday: number;
  hhmm: string;
  hhmmss: string;
  dayNumber: number;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** Japan keeps no summer time: the offset is always nine hours. */
export function jst(instant: Date): JstParts {
  const shifted = new Date(instant.getTime() + JST_MINUTES * 60_000);
  const hhmm = `${two(shifted.getUTCHours())}:${two(shifted.getUTCMinutes())}`;
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    weekday: shifted.getUTCDay(),
    hhmm,
    hhmmss: `${hhmm}:${two(shifted.getUTCSeconds())}`,
    dayNumber: Math.floor(shifted.getTime() / DAY_MS),
  };
}

/** 今日 14:05 · 昨日 23:10 · 3/12(水) 09:00 · 2024/3/12 09:00 for another year. */
export function whenText(at: string | Date, now: Date, words: TimeWords): string {
  const [then, today] = [jst(new Date(at)), jst(now)];
  const days = then.dayNumber - today.dayNumber;
  if (days === 0) return `${words.today} ${then.hhmm}`;
  if (days === -1) return `${words.yesterday} ${then.hhmm}`;
  if (days === 1) return `${words.tomorrow} ${then.hhmm}`;
  if (then.year !== today.year) return `${then.year}/${then.month}/${then.day} ${then.hhmm}`;
  const weekday = words.weekdays[then.weekday] ?? '';
  return `${then.month}/${then.day}(${weekday}) ${then.hhmm}`;
}

export const clockText = (at: string | Date): string => jst(new Date(at)).hhmmss;

/** 2026/3/12 09:00, for papers and lists that outlive the day. */
export function fullText(at: string | Date): string {
  const then = jst(new Date(at));
  return `${then.year}/${then.month}/${then.day} ${then.hhmm}`;
}

/** The calendar day in Japan, as date fields and the hub write it: 2026-03-12. */
export function todayInJapan(now: Date): string {
  const { year, month, day } = jst(now);
  return `${year}-${two(month)}-${two(day)}`;
}

/** A calendar date without a time of day; no time zone is involved. */
export function dateText(date: string | null): string {
  const parts = date?.split('-').map(Number);
  return parts && parts.length === 3 && parts.every(Number.isFinite) ? parts.join('/') : '';
}

export interface Remaining {
  isOverdue: boolean;
  minutes: number;
  text: string;
  /** Narrow form for columns: 0:24, 1:40, 26:05, −0:12. */
  short: string;
}

/** Whole minutes, rounded so that the remaining time is never shown longer than it is. */
export function remaining(dueAt: string, now: Date, words: TimeWords): Remaining {
  const minutes = Math.floor((new Date(dueAt).getTime() - now.getTime()) / 60_000);
  const isOverdue = minutes < 0;
  const whole = Math.abs(minutes);
  const [hours, rest] = [Math.floor(whole / 60), whole % 60];
  const length =
    hours >= 48 ? words.days(Math.floor(hours / 24)) : hours ? words.hours(hours, rest) : words.minutes(rest);
  return {
    isOverdue,
    minutes,
    text: isOverdue ? words.over(length) : words.left(length),
    short: `${isOverdue ? '−' : ''}${hours}:${two(rest)}`,
  };
}

/** How long ago, for 最終受信 and the like. */
export function agoText(at: string, now: Date, words: TimeWords): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - new Date(at).getTime()) / 60_000));
  if (minutes < 1) return words.justNow;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return words.ago(
    hours >= 48 ? words.days(Math.floor(hours / 24)) : hours ? words.hours(hours, rest) : words.minutes(rest),
  );
}
