import { type ReactNode, useEffect, useId, useRef } from 'react';
import { createPortal } from 'react-dom';
import './cover.css';

/** What stands on an emptied screen: why it is empty, what is safe, how to go on. Everything else is hidden while it stands. */
export function Cover(props: { title: string; isGrave?: boolean; children: ReactNode }) {
  const { title, isGrave = false, children } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return createPortal(
    <div
      className={isGrave ? 'curtain grave' : 'curtain'}
      role="alertdialog"
      aria-modal="true"
      aria-labelledby={id}
      tabIndex={-1}
      ref={box}
    >
      <section>
        <h1 id={id}>{title}</h1>
        {children}
      </section>
    </div>,
    document.body,
  );
}
