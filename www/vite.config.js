import { defineConfig } from "vite";

export default defineConfig({
  // The worker serves what is made here; nothing is inlined, since the policy of the page allows no data: scripts.
  build: { outDir: "dist", assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: "es2022", reportCompressedSize: false },
  server: { proxy: { "/api": "http://127.0.0.1:8787" } },
});
