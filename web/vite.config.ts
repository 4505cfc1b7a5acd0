import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The API to talk to while developing; `npm run dev` starts one here. */
const API = 'https://localhost:8443';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // A data: URL would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { '/api': { target: API, secure: false } } },
});
