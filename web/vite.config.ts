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

const hub = process.env.DOKUEI_HUB ?? 'http://127.0.0.1:8484';

export default defineConfig({
  plugins: [react(), withoutWebGpu()],
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
