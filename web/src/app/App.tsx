import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { queries } from '@/api/cache';
import { CommandHost } from '@/ui/CommandHost';
import { ConfirmHost } from '@/ui/confirm';
import { Toasts } from '@/ui/feedback';
import { ThemeProvider } from '@/ui/theme';
import { router } from './routes';
import { ElevationHost } from './session/elevation';
import './wiring';

export function App() {
  return (
    <ThemeProvider>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <CommandHost />
        <ConfirmHost />
        <ElevationHost />
        <Toasts />
      </QueryClientProvider>
    </ThemeProvider>
  );
}
