import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Early } from './early';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('gives the early answer once and asks anew after that', async () => {
  const early = new Early<string>();
  early.begin(7, async () => 'early');

  expect(await early.take(7, async () => 'late')).toBe('early');
  expect(await early.take(7, async () => 'late')).toBe('late');
});

it('asks for what nobody asked early', async () => {
  const early = new Early<string>();
  early.begin(7, async () => 'of seven');

  expect(await early.take(8, async () => 'of eight')).toBe('of eight');
});

it('begins a question once', async () => {
  const early = new Early<string>();
  early.begin(7, async () => 'first');
  early.begin(7, async () => 'second');

  expect(await early.take(7, async () => 'late')).toBe('first');
});

it('asks again what was refused early', async () => {
  const early = new Early<string>();
  early.begin(7, () => Promise.reject(new Error('too early')));
  const taken = early.take(7, async () => 'late');

  expect(await taken).toBe('late');
});

it('does not keep an answer that nobody comes for', async () => {
  const early = new Early<string>();
  early.begin(7, async () => 'early');
  await vi.advanceTimersByTimeAsync(10_001);

  expect(await early.take(7, async () => 'late')).toBe('late');
});

it('knows what is asked and not given out yet', async () => {
  const early = new Early<string>();
  expect(early.has(1)).toBe(false);
  early.begin(1, () => Promise.resolve('a'));
  expect(early.has(1)).toBe(true);
  await early.claim(1);
  expect(early.has(1)).toBe(false);
});
