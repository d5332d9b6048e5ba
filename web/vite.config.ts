import { promises as files } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const SERVER = process.env.POSTDOG_DEV_SERVER ?? "http://127.0.0.1:8080";
const COMPRESSED = /\.(js|css|svg|html|json)$/;
const SMALLEST = 1024;

/** Writes .gz and .br beside each text file, so that the server only hands them out. */
function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    async writeBundle({ dir = "" }, bundle) {
      const names = Object.keys(bundle).filter((name) => COMPRESSED.test(name));
      await Promise.all(
        names.map(async (name) => {
          const file = path.join(dir, name);
          const content = await files.readFile(file);
          if (content.length < SMALLEST) return;
          await files.writeFile(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
          await files.writeFile(`${file}.br`, await promisify(brotliCompress)(content));
        }),
      );
    },
  };
}

export default defineConfig({
  plugins: [react(), precompress()],
  resolve: { alias: { "@": path.resolve(import.meta.dirname, "src") } },
  build: {
    target: "es2022",
    // Browsers that know light-dark(), so that it is left as it is.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    outDir: process.env.POSTDOG_WEB_OUT ?? "../app/web",
    emptyOutDir: true,
    chunkSizeWarningLimit: 1700,
    assetsInlineLimit: 0,
  },
  server: {
    port: 5173,
    proxy: {
      "/v1": { target: SERVER, ws: true },
      "/chat": { target: SERVER, ws: true },
      "/docs": SERVER,
      "/openapi.json": SERVER,
    },
  },
});
