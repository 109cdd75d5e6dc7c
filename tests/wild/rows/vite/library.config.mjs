// A library for servers and pages that has the package inside.
export default {
  build: {
    outDir: "library",
    lib: { entry: "program/server.mjs", formats: ["es", "cjs"], fileName: (format) => (format === "es" ? "library.mjs" : "library.cjs") },
  },
};
