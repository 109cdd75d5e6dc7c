// The element in the templates of frameworks, as their compilers see it: right uses pass, a wrong `kind` does not.
const COMMON = { strict: true, noEmit: true, skipLibCheck: false, target: "es2022", module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom", "dom.iterable"], types: [] };

const row = (name, tool, { folder, files, options = {}, check }) => ({
  name: `Types of the element, ${name}`, tool, quick: true, expects: "nothing",
  async run(project) {
    const compile = (file) => {
      project.write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions: { ...COMMON, ...options }, files: [file] }));
      return check(project, folder);
    };
    await compile(files[0]);
    const fault = await compile(files[1]).then(() => "", (error) => error.message);
    if (!/kind|"domain"/.test(fault)) throw new Error(`a wrong kind is ${fault === "" ? "let through" : `refused for another reason:\n${fault}`}`);
    return [];
  },
});
const tsc = (project, folder) => project.tool("tsc", ["--project", folder]);
const jsx = (folder, options) => ({ folder, files: ["right.tsx", "wrong.tsx"], options, check: tsc });

export default [
  row("React 19", "@types/react", jsx("react", { jsx: "react-jsx" })),
  row("Preact", "preact", jsx("preact", { jsx: "react-jsx", jsxImportSource: "preact" })),
  row("Solid", "solid-js", jsx("solid", { jsx: "preserve", jsxImportSource: "solid-js" })),
  row("Vue", "vue", {
    folder: "vue", files: ["right.vue", "wrong.vue"], options: { jsx: "preserve" }, check: (project, folder) => project.tool("vue-tsc", ["--project", folder]),
  }),
  row("Svelte", "svelte", {
    folder: "svelte", files: ["right.svelte", "wrong.svelte"],
    check: (project, folder) => project.tool("svelte-check", ["--workspace", folder, "--tsconfig", "tsconfig.json", "--output", "machine"]),
  }),
];
