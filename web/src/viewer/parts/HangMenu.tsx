import { Button, Menu, Switch, Tooltip } from '@mantine/core';
import { type Command, keysText } from '@/ui/commands';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from '../case';
import { numbered, protocolName, sceneName } from '../hanging/known';
import { isForOtherScreens, protocolAt, scenesNow } from '../hanging/now';
import type { Layout } from '../state';
import { ProtocolDialog } from './ProtocolDialog';

type Find = (id: string) => Command | undefined;

function Item({ command, isOn }: { command: Command | undefined; isOn?: boolean }) {
  if (!command) return null;
  const keys = command.keys?.[0];
  return (
    <Menu.Item
      onClick={command.run}
      disabled={command.when?.() === false}
      leftSection={isOn ? '✓' : undefined}
      rightSection={keys && <kbd>{keysText(keys)}</kbd>}
    >
      {command.title}
    </Menu.Item>
  );
}

/** Which protocol hangs, its stages, the others that fit, and how to keep what is on screen. */
export function HangMenu({ viewer, find }: { viewer: ViewerCase; find: Find }) {
  const words = useWords();
  const h = words.hanging;
  const now = useStore(viewer.store, (state) => state.hanging);
  const fit = protocolAt(now);
  const stages = fit?.protocol.stages ?? [];
  const scenes = scenesNow(now);
  const name = fit ? protocolName(fit, words) : h.protocol;
  const place = scenes.length > 1 ? ` ${(now?.scene ?? 0) + 1}/${scenes.length}` : '';
  const again = find('viewer.hang.again');
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" color="gray" size="compact-sm" className="num" data-testid="hang-menu">
            {name}
            {place} ▾
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {scenes.length > 1 && <Menu.Label>{name}</Menu.Label>}
          {scenes.length > 1 &&
            numbered(scenes).map(({ one, at, key }) => (
              <Menu.Item
                key={key}
                leftSection={now?.scene === at ? '✓' : undefined}
                onClick={() => viewer.hanger.choose(now?.at ?? -1, at)}
              >
                {sceneName(one, stages, words)}
              </Menu.Item>
            ))}
          <Menu.Label>{h.protocol}</Menu.Label>
          {now?.fits.map((one, at) => (
            <Menu.Item
              key={one.id}
              leftSection={now.at === at ? '✓' : undefined}
              rightSection={<span className="muted">{h.owner[one.owner]}</span>}
              onClick={() => viewer.hanger.choose(at)}
            >
              {protocolName(one, words)}
            </Menu.Item>
          ))}
          <Menu.Item
            leftSection={now && now.at < 0 ? '✓' : undefined}
            onClick={() => viewer.hanger.choose(-1)}
          >
            {h.none}
          </Menu.Item>
          <Menu.Divider />
          <Item command={find('viewer.hang.next-stage')} />
          <Item command={again} />
          <Item command={find('viewer.hang.next')} />
          <Item command={find('viewer.prior.next')} />
          <Item command={find('viewer.alone')} />
          <Menu.Divider />
          <Item command={find('viewer.hang.save')} />
        </Menu.Dropdown>
      </Menu>
      {isForOtherScreens(now) && again && (
        <Tooltip label={h.otherScreens} multiline w={280}>
          <Button
            variant="light"
            size="compact-sm"
            className="num"
            data-testid="hang-again"
            onClick={again.run}
          >
            {h.againFor(now?.screens ?? 1)}
          </Button>
        </Tooltip>
      )}
      <ProtocolDialog />
    </>
  );
}

const LAYOUTS: readonly Layout[] = ['1x1', '1x2', '2x1', '2x2', '2x3', 'mpr', 'mpr3'];

/** How many panes, and how they stand. */
export function LayoutMenu({ viewer, find }: { viewer: ViewerCase; find: Find }) {
  const words = useWords();
  const layout = useStore(viewer.store, (state) => state.layout);
  const name = words.viewer.layout[layout];
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          aria-label={`${words.hanging.layout}: ${name}`}
        >
          {name} ▾
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {LAYOUTS.map((one) => (
          <Item key={one} command={find(`viewer.layout.${one}`)} isOn={one === layout} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** What panes do together: slices, window, zoom; and where two studies are the same place. */
export function LinkMenu({ viewer, find }: { viewer: ViewerCase; find: Find }) {
  const words = useWords();
  const h = words.hanging;
  const isLinked = useStore(viewer.store, (state) => state.isLinked);
  const together = useStore(viewer.store, (state) => state.together);
  const on = [
    isLinked && h.parts.slice,
    together.window && h.parts.window,
    together.zoom && h.parts.zoom,
  ].filter(Boolean);
  return (
    <>
      <Tooltip label={words.viewer.linkNote} multiline w={260}>
        <Switch
          size="xs"
          checked={isLinked}
          onChange={() => find('viewer.link')?.run()}
          label={words.viewer.link}
        />
      </Tooltip>
      <Menu position="bottom-end" closeOnItemClick={false}>
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            aria-label={`${h.together}: ${on.join('・')}`}
          >
            {on.slice(isLinked ? 1 : 0).join('・')} ▾
          </Button>
        </Menu.Target>
        <Menu.Dropdown maw={360}>
          {(['link', 'link.window', 'link.zoom'] as const).map((id) => (
            <Item key={id} command={find(`viewer.${id}`)} />
          ))}
          <Menu.Divider />
          <Item command={find('viewer.link.align')} />
          <Item command={find('viewer.link.unalign')} />
          <Menu.Label>{h.alignNote}</Menu.Label>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
