import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import { type Command, keysText } from './commands';
import { useOwnKeys } from './keys';

/** A button is a command made visible: same words, same act, its key in the tooltip. */
export function CommandButton({ command, ...props }: { command: Command } & ButtonProps) {
  const keys = useOwnKeys([command])[0]?.keys?.[0];
  const isOpen = command.when?.() ?? true;
  const button = (
    <Button {...props} disabled={!isOpen || props.disabled} onClick={command.run}>
      {command.title}
    </Button>
  );
  return keys ? <Tooltip label={keysText(keys)}>{button}</Tooltip> : button;
}
