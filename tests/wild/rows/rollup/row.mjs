// Rollup for servers, with the plugins that everybody has. Alone they take the `default` entry; with the condition, Node's.
const tool = "rollup";
const server = (name, FORMAT, EXTENSION, CONDITION = "") => ({
  name, tool, quick: true, async run(project) {
    await project.tool(tool, ["--config", "--silent"], { env: { FORMAT, EXTENSION, CONDITION } });
    return project.node([`server.${EXTENSION}`], { cwd: project.away("dist") });
  },
});

export default [
  server("Rollup, ESM", "es", "mjs"),
  server("Rollup, CommonJS", "cjs", "cjs"),
  server("Rollup, ESM, condition node", "es", "mjs", "node"),
  server("Rollup, CommonJS, condition node", "cjs", "cjs", "node"),
];
