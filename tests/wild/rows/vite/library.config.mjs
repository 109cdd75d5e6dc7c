// A library for servers and pages that has the package inside.
export default { build: { outDir: "library", lib: { entry: "library.mjs", formats: ["es"], fileName: () => "library.js" } } };
