import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/* vtk.js readers for mesh files pull in xmlbuilder2 and 0.35 MB twice; we show no meshes. */
const meshReaders = [
  'IO/XML/XMLPolyDataReader',
  'IO/Geometry/PLYReader',
  'IO/Geometry/STLReader',
  'IO/Misc/OBJReader',
  'IO/Misc/MTLReader',
].map((path) => ({
  find: new RegExp(`^@kitware/vtk\\.js/${path}(\\.js)?$`),
  replacement: here('./src/viewer/engine/no-mesh-reader.ts'),
}));

/* vtk.js registers its WebGPU renderer beside the one that draws here; this viewer never uses it, and pays for it at every start. */
const withoutWebGpu = (): Plugin => ({
  name: 'without-webgpu',
  apply: 'build',
  load: (id) => (/@kitware\/vtk\.js\/Rendering\/WebGPU\//.test(id) ? 'export default {};' : null),
});

/* The screen comes by a request of its own behind the first small program; the page names it at once, so that it is not waited for. */
const screenBesidesBeginning = (): Plugin => ({
  name: 'screen-besides-beginning',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle }) => {
      const chunks = Object.values(bundle ?? {}).filter((one) => one.type === 'chunk');
      const screen = chunks.find((one) => one.facadeModuleId?.endsWith('/src/app/screen.tsx'));
      if (!screen) throw new Error('The screen is no chunk of its own.');
      const styles = [...(screen.viteMetadata?.importedCss ?? [])];
      return [
        ...styles.map((name) => ({ rel: 'preload', as: 'style', crossorigin: true, href: `/${name}` })),
        ...[screen.fileName, ...screen.imports].map((name) => ({
          rel: 'preload',
          as: 'script',
          crossorigin: true,
          href: `/${name}`,
        })),
      ]
        .filter(({ href }) => !html.includes(href))
        .map((attrs) => ({ tag: 'link', attrs, injectTo: 'head' as const }));
    },
  },
});

const hub = process.env.DOKUEI_HUB ?? 'http://127.0.0.1:8484';

export default defineConfig({
  plugins: [react(), withoutWebGpu(), screenBesidesBeginning()],
  resolve: { alias: [{ find: '@', replacement: here('./src') }, ...meshReaders] },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 6000,
  },
  worker: { format: 'es' },
  optimizeDeps: {
    exclude: ['@cornerstonejs/dicom-image-loader'],
    include: [
      'dicom-parser',
      'pako',
      'comlink',
      '@cornerstonejs/core',
      '@cornerstonejs/tools',
      '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs',
      '@cornerstonejs/codec-charls/decodewasmjs',
      '@cornerstonejs/codec-openjpeg/decodewasmjs',
      '@cornerstonejs/codec-openjph/wasmjs',
    ],
  },
  server: {
    port: 5173,
    proxy: Object.fromEntries(
      ['/api', '/_allauth', '/dicomweb'].map((path) => [path, { target: hub, changeOrigin: false }]),
    ),
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], restoreMocks: true },
});
