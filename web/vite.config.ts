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
  // To the API the page must look like its own: it refuses calls that a page of another origin makes.
  server: { proxy: { '/api': { target: API, secure: false, changeOrigin: true, headers: { origin: API } } } },
});
