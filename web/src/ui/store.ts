import { useSyncExternalStore } from 'react';

/** A small observable value that lives outside React: what the viewer and the shell share without re-rendering the world. */
export interface Store<State> {
  get: () => State;
  set: (change: Partial<State> | ((now: State) => Partial<State>)) => void;
  subscribe: (listener: () => void) => () => void;
}

export function createStore<State extends object>(initial: State): Store<State> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    set: (change) => {
      state = { ...state, ...(typeof change === 'function' ? change(state) : change) };
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** `pick` must return a value that is identical while nothing of interest changed. */
export function useStore<State extends object, Part>(
  store: Store<State>,
  pick: (state: State) => Part,
): Part {
  return useSyncExternalStore(store.subscribe, () => pick(store.get()));
}
