/** Steps back and forth between states, as a pure function of what happened. */
export interface History<State> {
  past: readonly State[];
  present: State;
  future: readonly State[];
}

export type HistoryAct<State> =
  | { type: 'commit'; state: State }
  | { type: 'undo' }
  | { type: 'redo' }
  | { type: 'restart'; state: State }
  /** Not something anybody did: it has been so at every step. */
  | { type: 'join'; change: (state: State) => State };

const LONGEST = 200;

export const newHistory = <State>(present: State): History<State> => ({ past: [], present, future: [] });

/** A commit of what already stands changes nothing; any other forgets what was undone. */
export function reduceHistory<State>(
  history: History<State>,
  act: HistoryAct<State>,
  isSame: (a: State, b: State) => boolean = Object.is,
): History<State> {
  const { past, present, future } = history;
  switch (act.type) {
    case 'restart':
      return newHistory(act.state);
    case 'join':
      return {
        past: past.map(act.change),
        present: act.change(present),
        future: future.map(act.change),
      };
    case 'commit':
      if (isSame(present, act.state)) return history;
      return { past: [...past, present].slice(-LONGEST), present: act.state, future: [] };
    case 'undo': {
      const before = past.at(-1);
      if (before === undefined) return history;
      return { past: past.slice(0, -1), present: before, future: [present, ...future] };
    }
    case 'redo': {
      const [after, ...rest] = future;
      if (after === undefined) return history;
      return { past: [...past, present], present: after, future: rest };
    }
  }
}
