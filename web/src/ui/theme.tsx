import { createTheme, type MantineColorsTuple, MantineProvider, mergeThemeOverrides } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { useWords } from '@/words';
import { createStore, useStore } from './store';

const tide: MantineColorsTuple = [
  '#e8f4f8',
  '#d3e6ed',
  '#aed0dd',
  '#86bdd0',
  '#5fa6be',
  '#3f90ab',
  '#2a7b97',
  '#17647e',
  '#0f5067',
  '#083d50',
];

const theme = createTheme({
  respectReducedMotion: true,
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  primaryColor: 'tide',
  primaryShade: { light: 7, dark: 3 },
  colors: { tide },
  defaultRadius: 4,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '18px' },
  headings: { fontFamily: 'var(--font)', fontWeight: '600' },
  components: {
    Button: { defaultProps: { size: 'xs', variant: 'default' } },
    ActionIcon: { defaultProps: { size: 'md', variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm', autosize: true, minRows: 2 } },
    Select: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    MultiSelect: { defaultProps: { size: 'sm' } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: false, transitionProps: { duration: 80 } } },
    Modal: {
      defaultProps: { centered: true, transitionProps: { duration: 90 }, overlayProps: { opacity: 0.6 } },
    },
    Menu: { defaultProps: { transitionProps: { duration: 80 } } },
  },
});

export type Scheme = 'dark' | 'light';

const KEPT_AS = 'dokuei.scheme';
const kept = localStorage.getItem(KEPT_AS);

/** `chosen` is the person's own wish; without one the shell decides by what they do: dark for reading, light for the office. */
export const schemeStore = createStore<{ chosen: Scheme | null; fitting: Scheme }>({
  chosen: kept === 'dark' || kept === 'light' ? kept : null,
  fitting: 'dark',
});

export function chooseScheme(chosen: Scheme): void {
  localStorage.setItem(KEPT_AS, chosen);
  schemeStore.set({ chosen });
}

export const useScheme = (): Scheme => useStore(schemeStore, ({ chosen, fitting }) => chosen ?? fitting);

export function ThemeProvider({ children }: { children: ReactNode }) {
  const words = useWords();
  const spoken = useMemo(
    () =>
      mergeThemeOverrides(theme, {
        components: { Modal: { defaultProps: { closeButtonProps: { 'aria-label': words.common.close } } } },
      }),
    [words],
  );
  return (
    <MantineProvider theme={spoken} forceColorScheme={useScheme()}>
      {children}
    </MantineProvider>
  );
}
