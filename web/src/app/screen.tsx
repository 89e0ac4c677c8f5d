import '@mantine/core/styles.css';
import '../ui/tokens.css';
import '../ui/ui.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no place for the application.');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
/* Without them every word is still there to be read. */
import('./fonts').catch(() => undefined);
