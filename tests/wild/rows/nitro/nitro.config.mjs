export default { compatibilityDate: "2026-03-01", experimental: { wasm: process.env.WASM === "true" } };
