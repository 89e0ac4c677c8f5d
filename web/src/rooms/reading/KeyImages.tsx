import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Figure } from '@/api/contract';
import { confirm } from '@/ui/confirm';
import { useCurtain } from '@/ui/curtain';
import { useNow } from '@/ui/now';
import { whenText } from '@/ui/time';
import { keptPlaneText } from '@/viewer/parts/cutText';
import { useWords, type Words } from '@/words';
import type { FigureDesk } from './useFigures';

function useCaption(figure: Figure, desk: FigureDesk) {
  const [text, setText] = useState(figure.caption);
  useEffect(() => setText(figure.caption), [figure.caption]);
  const save = (): void => {
    if (text.trim() === figure.caption) return;
    void desk.arrange(
      desk.items.map(({ id, caption }) => ({ id, caption: id === figure.id ? text.trim() : caption })),
    );
  };
  return { text, setText, save };
}

function Caption({ figure, desk }: { figure: Figure; desk: FigureDesk }) {
  const f = useWords().figures;
  const { text, setText, save } = useCaption(figure, desk);
  return (
    <TextInput
      size="xs"
      aria-label={f.caption(figure.number)}
      placeholder={f.captionPlaceholder}
      maxLength={200}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={save}
    />
  );
}

function Acts({ figure, desk }: { figure: Figure; desk: FigureDesk }) {
  const f = useWords().figures;
  const move = (by: number): void => {
    const items = desk.items.map(({ id, caption }) => ({ id, caption }));
    const at = items.findIndex(({ id }) => id === figure.id);
    const [taken] = items.splice(at, 1);
    if (taken) items.splice(at + by, 0, taken);
    void desk.arrange(items);
  };
  const remove = async (): Promise<void> => {
    const n = figure.number;
    const answer = await confirm({ title: f.removeTitle(n), body: f.removeLead, confirm: f.removeConfirm });
    if (answer !== null) await desk.remove(figure.id);
  };
  const buttons = [
    { label: f.up(figure.number), sign: '↑', isOff: figure.number === 1, run: () => move(-1) },
    {
      label: f.down(figure.number),
      sign: '↓',
      isOff: figure.number === desk.items.length,
      run: () => move(1),
    },
    { label: f.remove(figure.number), sign: '×', isOff: false, run: () => void remove() },
  ];
  return buttons.map(({ label, sign, isOff, run }) => (
    <Button
      key={sign}
      size="compact-xs"
      variant="subtle"
      color="gray"
      aria-label={label}
      title={label}
      disabled={isOff}
      onClick={run}
    >
      {sign}
    </Button>
  ));
}

/** Which image it is, or which plane of which series. */
function sourceText({ series_number, instance_number, recipe }: Figure, words: Words): string {
  const series = String(series_number ?? '–');
  return recipe.plane
    ? words.figures.ofPlane(series, keptPlaneText(recipe.plane, words))
    : words.figures.series(series, String(instance_number ?? '–'));
}

function FigureRow(props: {
  figure: Figure;
  desk: FigureDesk;
  mayWrite: boolean;
  onJump: (figure: Figure) => void;
  onInsert: (figure: Figure) => void;
}) {
  const { figure, desk, mayWrite } = props;
  const words = useWords();
  const now = useNow();
  const f = words.figures;
  return (
    <li className="figure-row">
      <button
        type="button"
        className="figure-picture"
        title={f.jump(figure.number)}
        aria-label={f.jump(figure.number)}
        onClick={() => props.onJump(figure)}
      >
        <img src={figure.image_url} alt={f.alt(figure.number, figure.caption)} loading="lazy" />
      </button>
      <div className="figure-text">
        <div className="figure-head">
          <b>{f.name(figure.number)}</b>
          <span className="spacer" />
          {mayWrite && <Acts figure={figure} desk={desk} />}
        </div>
        {mayWrite ? <Caption figure={figure} desk={desk} /> : figure.caption && <div>{figure.caption}</div>}
        <div className="muted num">
          {figure.modality} {figure.study_at && whenText(figure.study_at, now, words.time)}{' '}
          {sourceText(figure, words)}
          {figure.is_lossy && ` ${f.lossy}`}
        </div>
        {mayWrite && (
          <Button
            size="compact-xs"
            aria-label={f.insert(figure.number)}
            title={f.insert(figure.number)}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => props.onInsert(figure)}
          >
            {f.insertShort}
          </Button>
        )}
      </div>
    </li>
  );
}

/** Key images beside the text: what they show, one click from the slice, one from the sentence. */
export function KeyImages(props: {
  desk: FigureDesk;
  mayWrite: boolean;
  onJump: (figure: Figure) => void;
  onInsert: (figure: Figure) => void;
}) {
  const { desk, mayWrite } = props;
  const words = useWords();
  const f = words.figures;
  if (useCurtain() || (!mayWrite && desk.items.length === 0)) return null;
  return (
    <section className="key-images" aria-label={f.title}>
      <h2>
        {f.title} <span className="muted num">{desk.items.length > 0 && desk.items.length}</span>
      </h2>
      {desk.items.length === 0 && desk.pending.length === 0 && <p className="muted">{f.empty}</p>}
      <ul>
        {desk.items.map((figure) => (
          <FigureRow key={figure.id} figure={figure} {...props} />
        ))}
        {desk.pending.map((one) => (
          <li key={one.key} className="figure-row pending" role={one.hasFailed ? 'alert' : 'status'}>
            <div className="figure-text">
              <b>{one.hasFailed ? f.pending : f.saving}</b>
              {one.hasFailed && <span className="muted">{f.pendingWhy}</span>}
            </div>
            {one.hasFailed && (
              <Button size="compact-xs" variant="subtle" onClick={() => desk.discard(one.key)}>
                {f.discard}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
