import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { KeptMark, KeptMarks, MarksOut, MarksSaved } from '@/api/contract';
import { Problem } from '@/api/problem';
import { MarksKeeper } from './keeping';

const mark = (id: string, column = 1): KeptMark => ({
  id,
  kind: 'length',
  sop_instance_uid: '1.2.3',
  frame_number: 1,
  points: [
    [column, 2],
    [3, 4],
  ],
  is_closed: false,
  text: '',
  lines: ['12.3 mm'],
});
const found = (revision: number, marks: KeptMark[]): MarksOut => ({
  revision,
  saved_at: revision ? '2026-03-12T05:05:12Z' : null,
  marks,
  links: [],
});
const saved = (revision: number): MarksSaved => ({ revision, saved_at: '2026-03-12T05:06:12Z', checks: [] });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function desk(
  load: () => Promise<MarksOut>,
  save: (marks: KeptMarks) => Promise<MarksSaved>,
  mayWrite = true,
) {
  let screen: KeptMark[] = [];
  const keeper = new MarksKeeper(
    {
      load,
      save,
      now: () => screen,
      show: (marks, how) => {
        screen = how === 'join' ? [...screen, ...marks] : [...marks];
      },
    },
    mayWrite,
  );
  const draw = (marks: KeptMark[]): void => {
    screen = marks;
    keeper.changed();
  };
  return { keeper, draw, screen: () => screen };
}

it('loads what was kept and saves nothing while nothing changes', async () => {
  const save = vi.fn(async () => saved(9));
  const { keeper, screen } = desk(async () => found(4, [mark('a')]), save);

  await keeper.open();
  keeper.changed();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(screen()).toEqual([mark('a')]);
  expect(keeper.store.get()).toMatchObject({ state: 'saved', revision: 4 });
  expect(save).not.toHaveBeenCalled();
});

it('saves a moment after a change, against the revision last seen', async () => {
  const save = vi.fn(async ({ revision }: KeptMarks) => saved(revision + 1));
  const { keeper, draw } = desk(async () => found(4, [mark('a')]), save);
  await keeper.open();

  draw([mark('a'), mark('b')]);
  expect(keeper.store.get().state).toBe('dirty');
  expect(keeper.isClean).toBe(false);
  await vi.advanceTimersByTimeAsync(2_000);

  expect(save).toHaveBeenCalledOnce();
  expect(save).toHaveBeenCalledWith({ revision: 4, marks: [mark('a'), mark('b')], links: [] });
  expect(keeper.store.get()).toMatchObject({ state: 'saved', revision: 5 });
});

it('never saves over marks it has not seen, and keeps asking for them', async () => {
  let isDown = true;
  const save = vi.fn(async ({ revision }: KeptMarks) => saved(revision + 1));
  const load = async (): Promise<MarksOut> => {
    if (isDown) throw new Problem(0, 'line.down', '');
    return found(2, [mark('old')]);
  };
  const { keeper, draw, screen } = desk(load, save);
  await keeper.open();
  draw([mark('new')]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(keeper.store.get().state).toBe('load_failed');
  expect(save).not.toHaveBeenCalled();

  isDown = false;
  await vi.advanceTimersByTimeAsync(10_000);

  expect(screen().map(({ id }) => id)).toEqual(['new', 'old']);
  expect(save).toHaveBeenCalledWith(expect.objectContaining({ revision: 2 }));
  expect(keeper.store.get().state).toBe('saved');
});

it('says what is unsaved while the line is away, and saves it when it is back', async () => {
  let isDown = true;
  const save = vi.fn(async ({ revision }: KeptMarks) => {
    if (isDown) throw new Problem(0, 'line.down', '');
    return saved(revision + 1);
  });
  const { keeper, draw } = desk(async () => found(0, []), save);
  await keeper.open();
  draw([mark('a')]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(keeper.store.get().state).toBe('failed');
  expect(save.mock.calls.length).toBeGreaterThan(5);

  isDown = false;
  await vi.advanceTimersByTimeAsync(5_000);

  expect(keeper.store.get()).toMatchObject({ state: 'saved', revision: 1 });
});

it('does not hammer a hub that refuses', async () => {
  const save = vi.fn(async () => {
    throw new Problem(409, 'report.final', 'この報告は確定しています。');
  });
  const { keeper, draw } = desk(async () => found(0, []), save);
  await keeper.open();
  draw([mark('a')]);
  await vi.advanceTimersByTimeAsync(60_000);

  expect(keeper.store.get().state).toBe('refused');
  expect(save).toHaveBeenCalledOnce();
});

it.each([
  ['keepMine' as const, [mark('mine')], 8],
  ['takeTheirs' as const, [mark('theirs')], 7],
])('hands a conflict to the person: %s', async (choice, shown, revision) => {
  const theirs: KeptMarks = { revision: 7, marks: [mark('theirs')], links: [] };
  const save = vi.fn(async (sent: KeptMarks) => {
    if (sent.revision !== 7) throw new Problem(409, 'marks.conflict', '', { theirs });
    return saved(8);
  });
  const { keeper, draw, screen } = desk(async () => found(6, []), save);
  await keeper.open();
  draw([mark('mine')]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(keeper.store.get().state).toBe('conflict');
  expect(save).toHaveBeenCalledOnce();

  keeper[choice]();
  await vi.advanceTimersByTimeAsync(2_000);

  expect(screen()).toEqual(shown);
  expect(keeper.store.get()).toMatchObject({ state: 'saved', revision });
});

it('recognises its own save whose answer was lost', async () => {
  let kept: KeptMarks | null = null;
  const save = vi.fn(async (sent: KeptMarks) => {
    if (kept === null) {
      kept = { ...sent, revision: 1 };
      throw new Problem(0, 'line.down', '');
    }
    throw new Problem(409, 'marks.conflict', '', { theirs: kept });
  });
  const { keeper, draw } = desk(async () => found(0, []), save);
  await keeper.open();
  draw([mark('a')]);
  await vi.advanceTimersByTimeAsync(10_000);

  expect(keeper.store.get()).toMatchObject({ state: 'saved', revision: 1 });
});

it('drops every answer that comes after the case was closed', async () => {
  let answer: (found: MarksOut) => void = () => undefined;
  const load = (): Promise<MarksOut> => new Promise((resolve) => (answer = resolve));
  const save = vi.fn(async () => saved(1));
  const { keeper, draw, screen } = desk(load, save);
  const opening = keeper.open();
  keeper.close();

  answer(found(3, [mark('of another case')]));
  await opening;
  draw([mark('a')]);
  await vi.advanceTimersByTimeAsync(30_000);

  expect(screen()).toEqual([mark('a')]);
  expect(save).not.toHaveBeenCalled();
});

it('saves nothing for somebody who only reads', async () => {
  const save = vi.fn(async () => saved(1));
  const { keeper, draw } = desk(async () => found(1, [mark('a')]), save, false);
  await keeper.open();
  draw([mark('a'), mark('b')]);
  await vi.advanceTimersByTimeAsync(30_000);

  expect(save).not.toHaveBeenCalled();
  expect(keeper.isClean).toBe(true);
});
