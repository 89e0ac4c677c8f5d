import { Button } from '@mantine/core';
import { type PointerEvent, useState } from 'react';
import type { PaperBox } from '@/api/contract';
import { pageAddress } from '@/api/papers';
import { CommandButton } from '@/ui/CommandButton';
import { type Command, useCommands } from '@/ui/commands';
import { useWords } from '@/words';
import './paper.css';

interface Place {
  field: string;
  box: PaperBox;
  isChosen: boolean;
}

const SMALLEST = 0.004;

const boxBetween = (a: { x: number; y: number }, b: { x: number; y: number }): PaperBox => ({
  x: Math.min(a.x, b.x),
  y: Math.min(a.y, b.y),
  w: Math.abs(a.x - b.x),
  h: Math.abs(a.y - b.y),
});

/* Measured on the sheet itself, so it is the same place however the sheet is turned or enlarged. */
function pointOf(event: PointerEvent<HTMLElement>): { x: number; y: number } {
  const { offsetWidth, offsetHeight } = event.currentTarget;
  const within = (value: number): number => Math.min(1, Math.max(0, value));
  return {
    x: within(event.nativeEvent.offsetX / offsetWidth),
    y: within(event.nativeEvent.offsetY / offsetHeight),
  };
}

const percent = (share: number): string => `${share * 100}%`;

/** A page of an original, with the places on it that fields were read from; dragging marks another one. */
export function PageView(props: {
  paper: number;
  pages: number;
  page: number;
  readingId?: number;
  places: readonly Place[];
  onPage: (page: number) => void;
  onBox?: (box: PaperBox) => void;
}) {
  const { paper, pages, page, places, onPage, onBox } = props;
  const w = useWords().papers;
  const [zoom, setZoom] = useState(1);
  const [turns, setTurns] = useState(0);
  const [broken, setBroken] = useState('');
  const [from, setFrom] = useState<{ x: number; y: number } | null>(null);
  const [drawn, setDrawn] = useState<PaperBox | null>(null);
  const address = pageAddress(paper, page, props.readingId);
  const go = (by: number): void => onPage(Math.min(pages, Math.max(1, page + by)));
  const commands: Command[] = [
    {
      id: 'page.previous',
      title: w.previousPage,
      keys: ['mod+ArrowUp'],
      when: () => page > 1,
      run: () => go(-1),
    },
    {
      id: 'page.next',
      title: w.nextPage,
      keys: ['mod+ArrowDown'],
      when: () => page < pages,
      run: () => go(1),
    },
    {
      id: 'page.in',
      title: w.zoomIn,
      keys: ['+', 'mod+;'],
      run: () => setZoom((z) => Math.min(4, z * 1.25)),
    },
    {
      id: 'page.out',
      title: w.zoomOut,
      keys: ['-', 'mod+-'],
      run: () => setZoom((z) => Math.max(0.5, z / 1.25)),
    },
    { id: 'page.turn', title: w.turn, keys: ['r', 'mod+.'], run: () => setTurns((t) => (t + 1) % 4) },
  ];
  useCommands(commands);
  const finish = (): void => {
    if (drawn && drawn.w > SMALLEST && drawn.h > SMALLEST) onBox?.(drawn);
    setFrom(null);
    setDrawn(null);
  };
  if (pages === 0) return <p className="note amber">{w.noPicture}</p>;
  return (
    <section className="paper-view" aria-label={w.canvas}>
      <div className="row paper-tools">
        {commands.map((command) => (
          <CommandButton key={command.id} command={command} />
        ))}
        <span className="muted num">{w.page(page, pages)}</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a page larger than its window is scrolled by keyboard */}
      <div className="paper-window" tabIndex={0}>
        {broken === address ? (
          <p className="note amber">{w.noPicture}</p>
        ) : (
          <div className="paper-sheet" style={{ width: percent(zoom), rotate: `${turns * 90}deg` }}>
            <img
              src={address}
              alt={w.page(page, pages)}
              draggable={false}
              onError={() => setBroken(address)}
            />
            <div
              className={onBox ? 'paper-draw' : 'paper-draw still'}
              data-testid="paper-draw"
              onPointerDown={(event) => {
                if (!onBox) return;
                event.preventDefault();
                event.currentTarget.setPointerCapture(event.pointerId);
                setFrom(pointOf(event));
              }}
              onPointerMove={(event) => from && setDrawn(boxBetween(from, pointOf(event)))}
              onPointerUp={finish}
              onPointerCancel={finish}
            >
              {[...places, ...(drawn ? [{ field: 'drawn', box: drawn, isChosen: true }] : [])].map((one) => (
                <span
                  key={one.field}
                  className={one.isChosen ? 'paper-box chosen' : 'paper-box'}
                  style={{
                    left: percent(one.box.x),
                    top: percent(one.box.y),
                    width: percent(one.box.w),
                    height: percent(one.box.h),
                  }}
                />
              ))}
            </div>
          </div>
        )}
      </div>
    </section>
  );
}

/** A button that only a mouse needs stays small. */
export function Small(props: { label: string; name?: string; isOn?: boolean; onClick: () => void }) {
  return (
    <Button
      size="compact-xs"
      variant={props.isOn ? 'filled' : 'default'}
      aria-pressed={props.isOn}
      aria-label={props.name}
      onClick={props.onClick}
    >
      {props.label}
    </Button>
  );
}
