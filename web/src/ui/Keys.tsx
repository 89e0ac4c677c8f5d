import { type Command, keysText } from './commands';

export function Keys({ command }: { command: Command }) {
  return (
    <span className="keys">
      {command.keys?.map((keys) => (
        <kbd key={keys}>{keysText(keys)}</kbd>
      ))}
    </span>
  );
}
