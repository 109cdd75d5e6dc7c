// The folders of `rows/`, in the order of the table.
export const ORDER = [
  "node", "bun", "deno", "workerd",
  "esbuild", "rollup", "rolldown", "webpack", "rspack", "ncc", "parcel", "vite",
  "jest", "vitest", "mocha", "types", "eslint",
  "next", "opennext", "nuxt", "nitro", "nitro3", "sveltekit", "sveltekit-cloudflare", "astro", "react-router", "angular",
  "browsers", "workers",
];
