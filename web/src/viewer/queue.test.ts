import { expect, it, vi } from 'vitest';
import { outward } from './model/order';
import { FrameQueue } from './queue';

interface Job {
  key: string;
  signal: AbortSignal;
  finish: () => void;
  fail: (error: Error) => void;
}

function aQueue(atOnce = 2) {
  const jobs: Job[] = [];
  const queue = new FrameQueue<{ imageId: string }>({
    load: ({ imageId }, { signal }) =>
      new Promise((resolve, reject) => jobs.push({ key: imageId, signal, finish: resolve, fail: reject })),
    faultOf: (error) => (error as Error).message,
    onChange: vi.fn(),
    atOnce,
  });
  const keys = () => jobs.map((job) => job.key);
  return { queue, jobs, keys };
}

const frame = (imageId: string) => ({ imageId });
const settled = () => new Promise((resolve) => setTimeout(resolve));

it('fetches a few at a time, and what is looked at before the rest', async () => {
  const { queue, jobs, keys } = aQueue();
  queue.plan(['a', 'b', 'c', 'd'].map(frame));
  void queue.want(frame('d'));
  expect(keys()).toEqual(['a', 'b']);

  jobs[0]?.finish();
  await settled();

  expect(keys()).toEqual(['a', 'b', 'd']);
});

it('serves the newest wish first', async () => {
  const { queue, jobs, keys } = aQueue(1);
  void queue.want(frame('a'));
  void queue.want(frame('b'));
  void queue.want(frame('c'));

  jobs[0]?.finish();
  await settled();

  expect(keys()).toEqual(['a', 'c']);
});

it('fetches nothing twice, and tells everybody who waits', async () => {
  const { queue, jobs } = aQueue();
  const both = Promise.all([queue.want(frame('a')), queue.want(frame('a'))]);
  jobs[0]?.finish();

  expect(await both).toEqual([{ state: 'ready' }, { state: 'ready' }]);
  expect(jobs).toHaveLength(1);
});

it('remembers a failure, and tries again when somebody looks once more', async () => {
  const { queue, jobs } = aQueue();
  const first = queue.want(frame('a'));
  jobs[0]?.fail(new Error('undecodable'));
  expect(await first).toEqual({ state: 'failed', fault: 'undecodable' });

  const second = queue.want(frame('a'));
  jobs[1]?.finish();

  expect(await second).toEqual({ state: 'ready' });
});

it('says nothing more once the case is closed', async () => {
  const { queue, jobs } = aQueue();
  const answered = vi.fn();
  void queue.want(frame('a')).then(answered);
  queue.close();
  jobs[0]?.finish();
  await settled();

  expect(answered).not.toHaveBeenCalled();
});

it('goes outward from what is shown', () => {
  expect(outward(2, 6)).toEqual([2, 3, 1, 4, 0, 5]);
  expect(outward(0, 3)).toEqual([0, 1, 2]);
});

it('begins nothing quiet while somebody waits for a frame, and goes on when it is there or has failed', async () => {
  const { queue, jobs, keys } = aQueue(3);
  void queue.want(frame('seen'));
  queue.plan(['a', 'b'].map(frame));
  void queue.want(frame('b'));
  expect(keys()).toEqual(['seen', 'b']);

  jobs[0]?.finish();
  await settled();
  expect(keys()).toEqual(['seen', 'b']);
  jobs[1]?.fail(new Error('unreachable'));
  await settled();

  expect(keys()).toEqual(['seen', 'b', 'a']);
});

it('follows a new plan at once, and drops nothing of the old one that is on its way', async () => {
  const { queue, jobs, keys } = aQueue();
  queue.plan(['a', 'b', 'c', 'd'].map(frame));
  queue.plan(['d', 'c', 'b', 'a'].map(frame));

  for (const job of jobs.slice(0, 2)) job.finish();
  await settled();

  expect(keys()).toEqual(['a', 'b', 'd', 'c']);
});

it('keeps at most twelve on their way', () => {
  const begun: string[] = [];
  const queue = new FrameQueue<{ imageId: string }>({
    load: ({ imageId }) => {
      begun.push(imageId);
      return new Promise(() => undefined);
    },
    faultOf: String,
    onChange: vi.fn(),
  });

  queue.plan(Array.from({ length: 40 }, (_, n) => frame(String(n))));

  expect(begun).toHaveLength(12);
});

it('gives up what the reader has passed, and fetches it again when they come back', async () => {
  const { queue, jobs, keys } = aQueue(1);
  void queue.want(frame('passed'));
  queue.release('passed');
  expect(jobs[0]?.signal.aborted).toBe(true);
  void queue.want(frame('seen'));
  jobs[0]?.fail(new Error('aborted'));
  await settled();
  expect(keys()).toEqual(['passed', 'seen']);
  expect(queue.fateOf('passed')).toBeUndefined();

  const back = queue.want(frame('passed'));
  jobs[1]?.finish();
  await settled();
  jobs[2]?.finish();

  expect(await back).toEqual({ state: 'ready' });
});

it('gives up nothing that somebody else waits for as well', () => {
  const { queue, jobs } = aQueue();
  void queue.want(frame('a'));
  void queue.want(frame('a'), 'soon');

  queue.release('a');

  expect(jobs[0]?.signal.aborted).toBe(false);
});

it('still brings what was wanted anew while it was being given up', async () => {
  const { queue, jobs } = aQueue();
  void queue.want(frame('a'));
  queue.release('a');
  const again = queue.want(frame('a'));
  jobs[0]?.fail(new Error('aborted'));
  await settled();
  jobs[1]?.finish();

  expect(await again).toEqual({ state: 'ready' });
});

it('never drops what is fetched quietly because somebody moved on', () => {
  const { queue, jobs } = aQueue();
  queue.plan([frame('a')]);

  queue.release('a');

  expect(jobs[0]?.signal.aborted).toBe(false);
});

it('puts no more on the line than it carries in a moment, but always two', async () => {
  const begun: string[] = [];
  const queue = new FrameQueue<{ imageId: string }>({
    load: ({ imageId }) => {
      begun.push(imageId);
      return new Promise(() => undefined);
    },
    faultOf: String,
    onChange: vi.fn(),
    sizeOf: ({ imageId }) => (imageId.startsWith('large') ? 900 : 100),
    aheadBytes: () => 400,
  });

  queue.plan(['large1', 'large2', 'large3'].map(frame));
  expect(begun).toEqual(['large1', 'large2']);

  const small: string[] = [];
  const other = new FrameQueue<{ imageId: string }>({
    load: ({ imageId }) => {
      small.push(imageId);
      return new Promise(() => undefined);
    },
    faultOf: String,
    onChange: vi.fn(),
    sizeOf: () => 100,
    aheadBytes: () => 400,
  });
  other.plan(['a', 'b', 'c', 'd', 'e'].map(frame));
  expect(small).toEqual(['a', 'b', 'c', 'd']);
});

it('clears the way on a slow line, and goes on afterwards where it stopped', async () => {
  const jobs: { key: string; finish: () => void }[] = [];
  const queue = new FrameQueue<{ imageId: string }>({
    load: ({ imageId }, { signal }) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        jobs.push({ key: imageId, finish: resolve });
      }),
    faultOf: String,
    onChange: vi.fn(),
    atOnce: 2,
    sizeOf: () => 100,
    aheadBytes: () => 1_000,
    isInTheWay: (bytes) => bytes > 150,
  });
  queue.plan(['a', 'b', 'c'].map(frame));
  void queue.want(frame('seen'));
  await settled();
  expect(jobs.map(({ key }) => key)).toEqual(['a', 'b', 'seen']);

  jobs[2]?.finish();
  await settled();

  expect(jobs.slice(3).map(({ key }) => key)).toEqual(['b', 'a']);
});

it('asks again for what a line that stumbled did not bring, and tells nobody before it gives up', async () => {
  vi.useFakeTimers();
  const jobs: Job[] = [];
  const told: unknown[] = [];
  const queue = new FrameQueue<{ imageId: string }>({
    load: ({ imageId }, { signal }) =>
      new Promise((resolve, reject) => jobs.push({ key: imageId, signal, finish: resolve, fail: reject })),
    faultOf: (error) => (error as Error).message,
    onChange: (_, fate) => told.push(fate),
    againAfter: (fault, failures) => (fault === 'unreachable' ? ([100, 200][failures - 1] ?? null) : null),
    atOnce: 2,
  });
  const last = () => jobs[jobs.length - 1];
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  const looked = queue.want(frame('a'));
  last()?.fail(new Error('unreachable'));
  await pass(99);
  expect(jobs).toHaveLength(1);
  const alsoLooked = queue.want(frame('a'));
  queue.plan([frame('a'), frame('b')]);
  expect(jobs.map(({ key }) => key)).toEqual(['a', 'b']);
  await pass(1);
  expect(jobs.map(({ key }) => key)).toEqual(['a', 'b', 'a']);
  expect(told).toEqual([]);
  last()?.finish();
  expect(await Promise.all([looked, alsoLooked])).toEqual([{ state: 'ready' }, { state: 'ready' }]);

  for (const wait of [100, 200, 0]) {
    jobs
      .filter(({ key }) => key === 'b')
      .forEach(({ fail }) => {
        fail(new Error('unreachable'));
      });
    await pass(wait);
  }
  expect(told).toEqual([{ state: 'ready' }, { state: 'failed', fault: 'unreachable' }]);

  const again = queue.want(frame('b'));
  last()?.fail(new Error('undecodable'));
  expect(await again).toEqual({ state: 'failed', fault: 'undecodable' });
  vi.useRealTimers();
});

it('what rests while its reader moves on comes quietly, and not at all once the case is closed', async () => {
  vi.useFakeTimers();
  const asked: boolean[] = [];
  const queue = new FrameQueue<{ imageId: string }>({
    load: (_, { isUrgent }) => {
      asked.push(isUrgent);
      return Promise.reject(new Error('unreachable'));
    },
    faultOf: (error) => (error as Error).message,
    onChange: vi.fn(),
    againAfter: () => 100,
  });
  void queue.want(frame('a'));
  await vi.advanceTimersByTimeAsync(0);
  queue.release('a');
  await vi.advanceTimersByTimeAsync(100);
  expect(asked).toEqual([true, false]);

  queue.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual([true, false]);
  vi.useRealTimers();
});
