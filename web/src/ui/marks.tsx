import type { ReactNode } from 'react';
import type { Urgency } from '@/api/contract';
import { useWords } from '@/words';

const SHAPES: Record<Urgency, { colour: string; shape: ReactNode }> = {
  emergency: { colour: 'var(--red)', shape: <circle cx="6" cy="6" r="5.5" /> },
  urgent: { colour: 'var(--orange)', shape: <path d="M6 .8 11.6 11H.4z" /> },
  same_day: { colour: 'var(--text)', shape: <rect x="1.5" y="1.5" width="9" height="9" /> },
  next_clinical_day: {
    colour: 'var(--muted)',
    shape: <rect x="2" y="2" width="8" height="8" fill="none" stroke="currentColor" strokeWidth="1.4" />,
  },
  checkup: {
    colour: 'var(--muted)',
    shape: <circle cx="6" cy="6" r="4.3" fill="none" stroke="currentColor" strokeWidth="1.4" />,
  },
};

/** Word, shape and colour: any one of the three is enough to tell. */
export function UrgencyMark({ urgency }: { urgency: Urgency }) {
  const words = useWords();
  const { colour, shape } = SHAPES[urgency] ?? SHAPES.checkup;
  return (
    <span className="mark" style={{ color: colour }}>
      <svg width="11" height="11" viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">
        {shape}
      </svg>
      {words.urgency[urgency] ?? urgency}
    </span>
  );
}

export type Tone = 'grey' | 'violet' | 'red' | 'amber' | 'green' | 'accent';

export function Tag({
  tone = 'grey',
  title,
  children,
}: {
  tone?: Tone;
  title?: string;
  children: ReactNode;
}) {
  return (
    <span className={`tag ${tone}`} title={title}>
      {children}
    </span>
  );
}
