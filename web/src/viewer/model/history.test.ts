import { expect, it } from 'vitest';
import { type HistoryAct, newHistory, reduceHistory } from './history';

const play = (...acts: HistoryAct<string>[]) =>
  acts.reduce((history, act) => reduceHistory(history, act), newHistory(''));
const commit = (state: string): HistoryAct<string> => ({ type: 'commit', state });
const [undo, redo]: HistoryAct<string>[] = [{ type: 'undo' }, { type: 'redo' }];

it.each<[string, HistoryAct<string>[], string, number, number]>([
  ['nothing to undo', [undo as HistoryAct<string>], '', 0, 0],
  ['nothing to redo', [commit('a'), redo as HistoryAct<string>], 'a', 1, 0],
  ['one back', [commit('a'), commit('ab'), undo as HistoryAct<string>], 'a', 1, 1],
  ['back and forth', [commit('a'), commit('ab'), undo, undo, redo] as HistoryAct<string>[], 'a', 1, 1],
  [
    'all the way forth',
    [commit('a'), commit('ab'), undo, undo, redo, redo] as HistoryAct<string>[],
    'ab',
    2,
    0,
  ],
  [
    'something new forgets what was undone',
    [commit('a'), commit('ab'), undo, commit('ac'), redo] as HistoryAct<string>[],
    'ac',
    2,
    0,
  ],
  [
    'the same again is no step',
    [commit('a'), commit('ab'), undo, commit('a')] as HistoryAct<string>[],
    'a',
    1,
    1,
  ],
  [
    'a new case has no past',
    [commit('a'), undo, { type: 'restart', state: '' }, undo, redo] as HistoryAct<string>[],
    '',
    0,
    0,
  ],
])('%s', (_, acts, present, past, future) => {
  const history = play(...acts);
  expect([history.present, history.past.length, history.future.length]).toEqual([present, past, future]);
});

it('sameness is the caller’s to define', () => {
  const start = newHistory<string[]>([]);
  const isSame = (a: string[], b: string[]) => a.join() === b.join();
  expect(reduceHistory(start, { type: 'commit', state: [] }, isSame)).toBe(start);
});

it('keeps a limited past', () => {
  const acts = Array.from({ length: 500 }, (_, i) => commit(String(i)));
  expect(play(...acts).past).toHaveLength(200);
});

it('what joins was there at every step, and nothing can take it back', () => {
  const before = { past: ['a'], present: 'b', future: ['c'] };
  const joined = reduceHistory(before, { type: 'join', change: (state: string) => `${state}+` });
  expect(joined).toEqual({ past: ['a+'], present: 'b+', future: ['c+'] });
});
