import { Button, Menu } from '@mantine/core';
import { keysText } from '@/ui/commands';
import { useOwnKeys } from '@/ui/keys';
import { useWords } from '@/words';
import { toFront } from './opening';
import type { MainWindows } from './useMainWindows';

/** Which windows of the case are open, and how to open more. */
export function WindowsMenu({ windows }: { windows: MainWindows }) {
  const w = useWords().windows;
  const commands = useOwnKeys(windows.commands);
  const { roles, isAway } = windows;
  return (
    <>
      {isAway && (
        <span className="row">
          <span className="tag accent">{w.reportAway}</span>
          <Button size="compact-sm" onClick={() => toFront('report')}>
            {w.toFront}
          </Button>
        </span>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant={roles.length > 0 ? 'light' : 'default'} data-testid="windows-menu">
            {w.menu}
            {roles.length > 0 && ` ${roles.length + 1}`} ▾
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {roles.map((role) => (
            <Menu.Item
              key={role}
              onClick={() => toFront(role)}
              rightSection={<span className="muted">{w.toFront}</span>}
            >
              {w.role[role]}
            </Menu.Item>
          ))}
          {roles.length > 0 && <Menu.Divider />}
          {commands.map((command) => (
            <Menu.Item
              key={command.id}
              onClick={command.run}
              rightSection={command.keys?.[0] && <kbd>{keysText(command.keys[0])}</kbd>}
            >
              {command.title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
