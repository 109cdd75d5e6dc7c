// The element in the templates of frameworks, as their compilers see it: right uses pass, a wrong `kind` does not.
const COMMON = {
  strict: true, noEmit: true, skipLibCheck: false, target: "es2022", module: "esnext", moduleResolution: "bundler",
  lib: ["es2022", "dom", "dom.iterable"], types: [],
};

/** Compiles `right` and `wrong` of a folder at once; only the latter may be complained of, and for its kind. */
const row = (name, tool, folder, ending, compile, options = {}) => ({
  name: `Types of the element, ${name}`, tool, quick: true, expects: "nothing",
  async run(project) {
    const files = [`right.${ending}`, `wrong.${ending}`];
    project.write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions: { ...COMMON, ...options }, files }));
    const complaints = await compile(project, folder).then(() => "", ({ message }) => message);
    const faults = complaints.split("\n").filter((line) => /error/i.test(line) && !/ ended with |COMPLETED|Found \d/.test(line));
    if (faults.length !== 1 || !/wrong\..*domain/.test(faults[0])) throw new Error(`the wrong kind alone should be refused, not:\n${complaints || "nothing"}`);
    return [];
  },
});
const tsc = (project, folder) => project.tool("../typescript7/bin/tsc", ["--project", folder, "--pretty", "false"]);

export default [
  row("React 19", "@types/react", "react", "tsx", tsc, { jsx: "react-jsx" }),
  row("Preact", "preact", "preact", "tsx", tsc, { jsx: "react-jsx", jsxImportSource: "preact" }),
  row("Solid", "solid-js", "solid", "tsx", tsc, { jsx: "preserve", jsxImportSource: "solid-js" }),
  row("Vue", "vue", "vue", "vue", (project, folder) => project.tool("vue-tsc", ["--project", folder, "--pretty", "false"]), { jsx: "preserve" }),
  row("Svelte", "svelte", "svelte", "svelte", (project, folder) =>
    project.tool("svelte-check", ["--workspace", folder, "--tsconfig", "tsconfig.json", "--output", "machine"])),
];
