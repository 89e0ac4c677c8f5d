import { useEffect, useRef } from 'react';

const REPEATS = 12;

/** Who is looking, faintly over every picture. Put back if something removes it. It never touches the pixels themselves. */
export function Watermark({ text }: { text: string }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = host.current;
    if (!place) return;
    const draw = (): void => {
      const layer = document.createElement('div');
      layer.className = 'watermark';
      layer.setAttribute('aria-hidden', 'true');
      for (let i = 0; i < REPEATS; i += 1) {
        const line = document.createElement('span');
        line.dataset.text = text;
        layer.append(line);
      }
      place.replaceChildren(layer);
    };
    draw();
    const watcher = new MutationObserver(() => {
      const layer = place.firstElementChild;
      const isWhole =
        layer?.className === 'watermark' &&
        !layer.hasAttribute('style') &&
        layer.querySelectorAll(`span[data-text=${JSON.stringify(text)}]:not([style])`).length === REPEATS;
      if (isWhole) return;
      watcher.disconnect();
      draw();
      observe();
    });
    const observe = (): void =>
      watcher.observe(place, { childList: true, subtree: true, attributes: true, characterData: true });
    observe();
    return () => watcher.disconnect();
  }, [text]);
  return <div className="watermark-host" ref={host} />;
}
