import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DraftSaved, DraftText } from '@/api/contract';
import { Problem } from '@/api/problem';
import { Autosave, Sent } from './autosave';

const first = { findings: '', impression: '', revision: 3, saved_at: null };
const saved = (revision: number): DraftSaved => ({ revision, saved_at: '2026-03-12T05:05:12Z', checks: [] });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('saves once after the writing pauses, against the revision last seen', async () => {
  const send = vi.fn(async (draft: DraftText) => saved(draft.revision + 1));
  const draft = new Autosave({ first, send });
  draft.write({ findings: '右' });
  draft.write({ findings: '右肺' });
  expect(draft.store.get().state).toBe('dirty');

  await vi.advanceTimersByTimeAsync(2000);

  expect(send).toHaveBeenCalledOnce();
  expect(send).toHaveBeenCalledWith({ findings: '右肺', impression: '', revision: 3 });
  expect(draft.store.get()).toMatchObject({ state: 'saved', revision: 4 });
});

it('never has two saves under way, and saves again what was written meanwhile', async () => {
  const revisions: number[] = [];
  const send = vi.fn(async (draft: DraftText) => {
    revisions.push(draft.revision);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    return saved(draft.revision + 1);
  });
  const draft = new Autosave({ first, send });
  draft.write({ findings: 'a' });
  await vi.advanceTimersByTimeAsync(1000);
  draft.write({ findings: 'ab' });
  await vi.advanceTimersByTimeAsync(2000);
  expect(send).toHaveBeenCalledOnce();

  await vi.advanceTimersByTimeAsync(10_000);

  expect(revisions).toEqual([3, 4]);
  expect(draft.store.get()).toMatchObject({ state: 'saved', findings: 'ab' });
});

it('keeps the text when saving fails, and saves it on the next try', async () => {
  const send = vi.fn(async (draft: DraftText) => saved(draft.revision + 1));
  send.mockRejectedValueOnce(new Problem(0, 'line.down', ''));
  const draft = new Autosave({ first, send });
  draft.write({ impression: '異常なし' });
  await vi.advanceTimersByTimeAsync(2000);
  expect(draft.store.get()).toMatchObject({ state: 'failed', impression: '異常なし' });

  expect(await draft.flush()).toBe(true);
});

it('shows both texts on a conflict and stops saving until the person has chosen', async () => {
  const theirs = { findings: '別の文章', impression: '', revision: 7 };
  const send = vi.fn(async (draft: DraftText) => saved(draft.revision + 1));
  send.mockRejectedValueOnce(new Problem(409, 'report.draft_conflict', '', { theirs }));
  const draft = new Autosave({ first, send });
  draft.write({ findings: '私の文章' });
  await vi.advanceTimersByTimeAsync(2000);
  expect(draft.store.get()).toMatchObject({ state: 'conflict', findings: '私の文章', theirs });

  draft.write({ findings: '私の文章。' });
  await vi.advanceTimersByTimeAsync(5000);
  expect(send).toHaveBeenCalledOnce();

  draft.keepMine();
  await vi.advanceTimersByTimeAsync(100);
  expect(send).toHaveBeenLastCalledWith({ findings: '私の文章。', impression: '', revision: 7 });
  expect(draft.store.get().state).toBe('saved');
});

it('takes the other text only when told to', async () => {
  const theirs = { findings: '別の文章', impression: '別の診断', revision: 7 };
  const send = vi.fn(async () => Promise.reject(new Problem(409, 'report.draft_conflict', '', { theirs })));
  const draft = new Autosave({ first, send });
  draft.write({ findings: 'x' });
  await vi.advanceTimersByTimeAsync(2000);

  draft.takeTheirs();

  expect(draft.store.get()).toMatchObject({
    state: 'saved',
    findings: '別の文章',
    impression: '別の診断',
    revision: 7,
  });
});

it('takes a save whose answer was lost for what it is, and asks nobody', async () => {
  const send = vi.fn(async (draft: DraftText) => saved(draft.revision + 1));
  send.mockRejectedValueOnce(new Problem(0, 'line.down', ''));
  send.mockRejectedValueOnce(
    new Problem(409, 'report.draft_conflict', '', {
      theirs: { findings: '右肺', impression: '', revision: 4 },
    }),
  );
  const draft = new Autosave({ first, send });
  draft.write({ findings: '右肺' });
  await vi.advanceTimersByTimeAsync(2000);

  expect(await draft.flush()).toBe(true);

  expect(draft.store.get()).toMatchObject({ state: 'saved', revision: 4, theirs: null });
});

it("goes on writing after a save whose answer was lost: that text is nobody else's", async () => {
  let hub = { findings: '', impression: '', revision: 3 };
  let isLineUp = false;
  const send = vi.fn(async (draft: DraftText) => {
    if (draft.revision !== hub.revision) {
      throw new Problem(409, 'report.draft_conflict', '', { theirs: hub });
    }
    hub = { ...draft, revision: draft.revision + 1 };
    if (!isLineUp) throw new Problem(0, 'line.down', '');
    return saved(hub.revision);
  });
  const draft = new Autosave({ first, send });
  draft.write({ findings: '右肺に結節' });
  await vi.advanceTimersByTimeAsync(2000);
  expect(draft.store.get().state).toBe('failed');

  isLineUp = true;
  draft.write({ impression: '結節' });
  await vi.advanceTimersByTimeAsync(5000);

  expect(draft.store.get()).toMatchObject({ state: 'saved', revision: 5 });
  expect(hub).toEqual({ findings: '右肺に結節', impression: '結節', revision: 5 });
});

it('goes on from what another window of the same reader saved while it closed', async () => {
  const theirs = { findings: 'a', impression: '', revision: 4 };
  const send = vi.fn(async (draft: DraftText) => saved(draft.revision + 1));
  send.mockRejectedValueOnce(new Problem(409, 'report.draft_conflict', '', { theirs }));
  const draft = new Autosave({ first, send });
  await draft.lend();
  const sent = new Sent();
  sent.note({ findings: 'a', impression: '' });
  draft.takeBack({ findings: 'ab', impression: '', revision: 3, isSaved: false }, null, sent);
  await vi.advanceTimersByTimeAsync(5000);

  expect(send).toHaveBeenLastCalledWith({ findings: 'ab', impression: '', revision: 4 });
  expect(draft.store.get().state).toBe('saved');
});
