import { createStore, useStore } from '@/ui/store';
import { en } from './en';
import { ja, type Words } from './ja';

export type { Words };
export type Language = 'ja' | 'en';

const KEPT_AS = 'dokuei.language';
const ALL: Record<Language, Words> = { ja, en };

const kept = (): Language => (localStorage.getItem(KEPT_AS) === 'en' ? 'en' : 'ja');

export const languageStore = createStore<{ language: Language }>({ language: kept() });
document.documentElement.lang = kept();

export function speak(language: Language): void {
  localStorage.setItem(KEPT_AS, language);
  document.documentElement.lang = language;
  languageStore.set({ language });
}

/** For code outside React; components use `useWords`. */
export const words = (): Words => ALL[languageStore.get().language];

export const useWords = (): Words => ALL[useStore(languageStore, (state) => state.language)];
