// Rolldown for servers: it bundles for pages unless it is told otherwise.
const tool = "rolldown";
const server = (name, format, extension) => ({
  name, tool, quick: true, setting: "`--platform node`", async run(project) {
    await project.tool(tool, ["program/server.mjs", "--platform", "node", "--format", format, "--file", `dist/server.${extension}`]);
    return project.node([`server.${extension}`], { cwd: project.away("dist") });
  },
});

export default [server("Rolldown, ESM", "esm", "mjs"), server("Rolldown, CommonJS", "cjs", "cjs")];
