import { Button, Menu, SegmentedControl, Tooltip } from '@mantine/core';
import { type Command, keysText } from '@/ui/commands';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from '../case';
import type { MouseTool } from '../engine/stage';
import { fusionIn } from '../fusion/fusion';
import { isMarkKind, MARK_KINDS } from '../model/marks';
import { HangMenu, LayoutMenu, LinkMenu } from './HangMenu';
import { PlaneMenu } from './PlaneMenu';

const TOOLS: readonly MouseTool[] = ['window', 'scroll', 'pan', 'zoom'];

function ActButton({ command }: { command: Command | undefined }) {
  if (!command) return null;
  const keys = command.keys?.[0];
  return (
    <Tooltip label={keys ? `${command.title}  ${keysText(keys)}` : command.title}>
      <Button variant="subtle" color="gray" size="compact-sm" onClick={command.run}>
        {command.title}
      </Button>
    </Tooltip>
  );
}

function CommandItem({ command, isOff }: { command: Command | undefined; isOff?: boolean }) {
  if (!command) return null;
  const keys = command.keys?.[0];
  return (
    <Menu.Item onClick={command.run} disabled={isOff} rightSection={keys && <kbd>{keysText(keys)}</kbd>}>
      {command.title}
    </Menu.Item>
  );
}

/** All measuring tools behind one button that says which is in hand; what was drawn is undone and cleared here too. */
function MeasureMenu({ viewer, find }: { viewer: ViewerCase; find: (id: string) => Command | undefined }) {
  const v = useWords().viewer;
  const tool = useStore(viewer.store, (state) => state.tool);
  const { count, canUndo, canRedo } = useStore(viewer.store, (state) => state.marks);
  const isOn = isMarkKind(tool);
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant={isOn ? 'light' : 'subtle'} color={isOn ? undefined : 'gray'} size="compact-sm">
          {isOn ? `${v.measure}: ${v.tools[tool]}` : v.measure} ▾
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {MARK_KINDS.map((kind) => (
          <CommandItem key={kind} command={find(`viewer.tool.${kind}`)} />
        ))}
        <Menu.Divider />
        <CommandItem command={find('viewer.undo')} isOff={!canUndo} />
        <CommandItem command={find('viewer.redo')} isOff={!canRedo} />
        <CommandItem command={find('viewer.delete-mark')} isOff={count === 0} />
        <CommandItem command={find('viewer.clear')} isOff={count === 0} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** Film, loupe and what lies over pictures. */
function LayerMenu({ viewer, find }: { viewer: ViewerCase; find: (id: string) => Command | undefined }) {
  const p = useWords().pictures;
  const layers = useStore(viewer.store, (state) => state.layers);
  const isFused = useStore(viewer.store, (state) => fusionIn(state, state.active) !== null);
  const isOff = isFused || !layers.overlay || !layers.shutter;
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant={isOff ? 'light' : 'subtle'} color={isOff ? undefined : 'gray'} size="compact-sm">
          {p.layers} ▾
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {[
          'fusion.toggle',
          'layer.overlay',
          'layer.shutter',
          'loupe',
          'film.play',
          'film.faster',
          'film.slower',
          'film.way',
        ].map((id) => (
          <CommandItem key={id} command={find(`viewer.${id}`)} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function Toolbar({ viewer, commands }: { viewer: ViewerCase; commands: readonly Command[] }) {
  const words = useWords();
  const v = words.viewer;
  const tool = useStore(viewer.store, (state) => state.tool);
  const layout = useStore(viewer.store, (state) => state.layout);
  const find = (id: string): Command | undefined => commands.find((command) => command.id === id);
  const presets = commands.filter((command) => command.id.startsWith('viewer.preset.'));
  return (
    <div className="viewer-tools" role="toolbar" aria-label={v.images}>
      <SegmentedControl
        size="xs"
        aria-label={v.images}
        value={TOOLS.includes(tool) ? tool : ''}
        onChange={(value) => viewer.chooseTool(value as MouseTool)}
        data={TOOLS.map((one) => ({ value: one, label: v.tools[one] }))}
      />
      <MeasureMenu viewer={viewer} find={find} />
      <PlaneMenu viewer={viewer} find={find} />
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="subtle" color="gray" size="compact-sm">
            {v.presets} ▾
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <CommandItem command={find('viewer.region')} />
          <CommandItem command={find('viewer.invert')} />
          {presets.map((command) => (
            <Menu.Item
              key={command.id}
              onClick={command.run}
              rightSection={command.keys?.[0] && <kbd>{keysText(command.keys[0])}</kbd>}
            >
              {command.title.replace(v.choosePreset(''), '')}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="subtle" color="gray" size="compact-sm">
            {v.turn.title} ▾
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {['right', 'left', 'across', 'down'].map((way) => (
            <CommandItem key={way} command={find(`viewer.turn.${way}`)} />
          ))}
        </Menu.Dropdown>
      </Menu>
      <LayerMenu viewer={viewer} find={find} />
      <ActButton command={find('viewer.reset')} />
      <span className="spacer" />
      <HangMenu viewer={viewer} find={find} />
      {layout !== '1x1' && <LinkMenu viewer={viewer} find={find} />}
      <LayoutMenu viewer={viewer} find={find} />
    </div>
  );
}
