import { type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useStore } from '@/ui/store';
import { useWords } from '@/words';
import type { ViewerCase } from '../case';
import { pixelsOf } from '../engine/door';
import { gridOf, valueAt, valueUnit } from '../model/values';
import { TABLES, type TableName, tableOf } from './colours';
import { type FusionNow, fusionIn, type Told } from './fusion';
import { endText, overlayName, underPointer } from './text';
import './fusion.css';

/** One pixel of dragging changes the upper end by this share. */
const DRAG_SHARE = 0.01;
const CLICK_PIXELS = 3;

/** The colours of the table from the lower to the upper end of the range, as opaque as the table itself. */
function ColourBar({ table }: { table: TableName }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const picture = context.createImageData(1, 256);
    const colours = tableOf(table);
    for (let y = 0; y < 256; y += 1) {
      picture.data.set(colours.subarray((255 - y) * 3, (255 - y) * 3 + 3), y * 4);
      picture.data[y * 4 + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
  }, [table]);
  return <canvas ref={canvas} width={1} height={256} />;
}

/** Values below the pointer, in both series. */
function Readout({
  viewer,
  index,
  element,
}: {
  viewer: ViewerCase;
  index: number;
  element: HTMLElement | null;
}) {
  const words = useWords();
  const [text, setText] = useState('');
  useEffect(() => {
    if (!element) return;
    const move = (event: globalThis.PointerEvent): void => {
      const state = viewer.store.get();
      const [now, view] = [fusionIn(state, index), viewer.view(index)];
      const frame = viewer.frame(state.panes[index]?.shown?.imageId);
      const at = view?.toPixel(view.fromPage(event.clientX, event.clientY));
      const supply = now && viewer.fusion.supply(now.overlayId);
      const decoded = frame && pixelsOf(frame);
      if (!now || !frame || !at || !decoded || supply?.kind !== 'ready') {
        setText('');
        return;
      }
      const grid = gridOf(frame, decoded);
      const base = {
        value: typeof grid === 'string' ? null : valueAt(grid, at),
        unit: valueUnit(frame),
      };
      const overlay = { value: viewer.fusion.valueAt(now, frame, at), told: supply.told };
      setText(underPointer(viewer, now, base, overlay, words));
    };
    const leave = (): void => setText('');
    element.addEventListener('pointermove', move, true);
    element.addEventListener('pointerleave', leave);
    return () => {
      element.removeEventListener('pointermove', move, true);
      element.removeEventListener('pointerleave', leave);
    };
  }, [viewer, index, element, words]);
  return (
    <output className="fusion-readout num" data-testid="fusion-readout">
      {text}
    </output>
  );
}

interface Held {
  viewer: ViewerCase;
  index: number;
  now: FusionNow;
  told: Told;
}

function RangeFields({ viewer, index, now, told }: Held) {
  const f = useWords().fusion;
  const [low, high] = viewer.fusion.rangeOf(now, told);
  const take = (from: number, to: number): void => {
    if (Number.isFinite(from) && Number.isFinite(to) && to > from)
      viewer.fusion.change(index, { range: [from, to] });
  };
  return (
    <>
      <div className="fusion-presets">
        {told.tops.map((top) => (
          <button
            key={top}
            type="button"
            aria-pressed={low === 0 && high === top}
            onClick={() => take(0, top)}
          >
            0–{endText(top)}
          </button>
        ))}
      </div>
      <label>
        {f.high(told.unit)}
        <input
          type="number"
          step="any"
          value={endText(high)}
          onChange={(event) => take(low, Number.parseFloat(event.target.value))}
        />
      </label>
      <label>
        {f.low(told.unit)}
        <input
          type="number"
          step="any"
          value={endText(low)}
          onChange={(event) => take(Number.parseFloat(event.target.value), high)}
        />
      </label>
    </>
  );
}

function Settings(held: Held) {
  const words = useWords();
  const f = words.fusion;
  const { viewer, index, now } = held;
  const choices = viewer.fusion.choices(index);
  const percent = Math.round(now.opacity * 100);
  return (
    <fieldset className="fusion-settings">
      <legend>{f.settings}</legend>
      <RangeFields {...held} />
      <label>
        {f.opacity(percent)}
        <input
          type="range"
          min={0}
          max={100}
          step={5}
          value={percent}
          onChange={(event) => viewer.fusion.change(index, { opacity: Number(event.target.value) / 100 })}
          onPointerUp={(event) => event.currentTarget.blur()}
        />
      </label>
      <label>
        {f.table}
        <select
          value={now.table}
          onChange={(event) => viewer.fusion.change(index, { table: event.target.value as TableName })}
        >
          {TABLES.map((one) => (
            <option key={one} value={one}>
              {f.tables[one]}
            </option>
          ))}
        </select>
      </label>
      {choices.length > 1 && (
        <label>
          {f.overlay}
          <select
            value={now.overlayId}
            onChange={(event) => viewer.fusion.change(index, { overlayId: event.target.value, range: null })}
          >
            {choices.map(({ id }) => (
              <option key={id} value={id}>
                {overlayName(viewer.store.get(), id, words)}
              </option>
            ))}
          </select>
        </label>
      )}
      <button type="button" onClick={() => viewer.fusion.toggle(index)}>
        {f.off}
      </button>
    </fieldset>
  );
}

/** The colours and what they stand for, always there; dragging changes the upper end, a click opens the rest. */
export function FusionBar({
  viewer,
  index,
  element,
}: {
  viewer: ViewerCase;
  index: number;
  element: HTMLElement | null;
}) {
  const f = useWords().fusion;
  const state = useStore(viewer.store, (all) => all);
  const [isOpen, setOpen] = useState(false);
  const start = useRef<{ y: number; high: number; isMoved: boolean } | null>(null);
  const now = fusionIn(state, index);
  const supply = now && viewer.fusion.supply(now.overlayId);
  if (!now || supply?.kind !== 'ready') return null;
  const { told } = supply;
  const [low, high] = viewer.fusion.rangeOf(now, told);
  const move = (event: PointerEvent<HTMLButtonElement>): void => {
    const from = start.current;
    if (!from) return;
    const by = event.clientY - from.y;
    from.isMoved ||= Math.abs(by) > CLICK_PIXELS;
    if (!from.isMoved) return;
    const wanted = from.high * (1 + by * DRAG_SHARE);
    const least = low + Math.max(from.high - low, 1e-6) * 0.02;
    viewer.fusion.change(index, { range: [low, Number(Math.max(least, wanted).toPrecision(3))] });
  };
  return (
    <div className="fusion-bar" data-testid="fusion-bar">
      <button
        type="button"
        className="fusion-scale"
        aria-expanded={isOpen}
        aria-label={f.scale(told.unit, endText(low), endText(high))}
        title={f.scaleHint}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          start.current = { y: event.clientY, high, isMoved: false };
        }}
        onPointerMove={move}
        onClick={() => {
          if (!start.current?.isMoved) setOpen(!isOpen);
          start.current = null;
        }}
        onPointerCancel={() => {
          start.current = null;
        }}
      >
        <ColourBar table={now.table} />
        <span className="num">
          <b>{endText(high)}</b>
          <i>{told.unit || f.noUnit}</i>
          <b>{endText(low)}</b>
        </span>
      </button>
      {isOpen && <Settings viewer={viewer} index={index} now={now} told={told} />}
      <Readout viewer={viewer} index={index} element={element} />
    </div>
  );
}
