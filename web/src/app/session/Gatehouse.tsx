import type { ReactNode } from 'react';
import { useMe } from '@/api/cache';
import { speak, useWords } from '@/words';
import './session.css';

/** The quiet frame of every screen before the first room: sign-in, invitation, second factor. */
export function Gatehouse({ title, children }: { title: string; children: ReactNode }) {
  const words = useWords();
  const { data: me } = useMe();
  return (
    <main className="gatehouse">
      <div className="gatehouse-card">
        <div className="brand">
          <img src="/icon.svg" alt="" width="34" height="34" />
          <div>
            <strong>{words.common.app}</strong> <span className="muted">Dokuei</span>
            <div className="muted">{words.session.signInLead}</div>
          </div>
        </div>
        <h1>{title}</h1>
        {children}
        <footer className="muted">
          <span>{me?.support_phone ? words.session.help(me.support_phone) : ''}</span>
          <button
            type="button"
            className="plain"
            onClick={() => speak(words.session.language === 'English' ? 'en' : 'ja')}
          >
            {words.session.language}
          </button>
        </footer>
      </div>
    </main>
  );
}
