import { expect, it, vi } from 'vitest';
import { FrameQueue, outward } from './queue';

interface Job {
  key: string;
  finish: () => void;
  fail: (error: Error) => void;
}

function aQueue(atOnce = 2) {
  const jobs: Job[] = [];
  const queue = new FrameQueue<{ imageId: string }>({
    load: ({ imageId }) =>
      new Promise((resolve, reject) => jobs.push({ key: imageId, finish: resolve, fail: reject })),
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
