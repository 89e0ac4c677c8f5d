import { expect, it } from 'vitest';
import { waitBeforeRetry } from './live';

it('waits longer each time, never longer than half a minute and a bit', () => {
  expect(waitBeforeRetry(0, 0.5)).toBe(1000);
  expect(waitBeforeRetry(3, 0.5)).toBe(8000);
  expect(waitBeforeRetry(20, 1)).toBe(37_500);
});
