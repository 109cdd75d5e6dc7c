export default {
  compatibilityDate: "2026-03-01",
  telemetry: false,
  nitro: { experimental: { wasm: process.env.WASM === "true" } },
};
