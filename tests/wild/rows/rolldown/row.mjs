// Rolldown for servers.
const tool = "rolldown";
const server = (name, format, extension) => ({
  name, tool, quick: true, async run(project) {
    await project.tool(tool, ["program/server.mjs", "--platform", "node", "--format", format, "--file", `dist/server.${extension}`]);
    return project.node([`server.${extension}`], { cwd: project.away("dist") });
  },
});

export default [server("Rolldown, ESM", "esm", "mjs"), server("Rolldown, CommonJS", "cjs", "cjs")];
