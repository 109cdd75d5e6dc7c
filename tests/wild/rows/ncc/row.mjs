// ncc: one file for a server.
const tool = "@vercel/ncc";
const server = (name, entry, file) => ({
  name, tool, quick: true, async run(project) {
    await project.tool("ncc", ["build", `program/${entry}`, "--out", "dist", "--quiet", "--no-cache"]);
    return project.node([file], { cwd: project.away("dist") });
  },
});

export default [server("ncc, import", "server.mjs", "index.mjs"), server("ncc, require", "server.cjs", "index.cjs")];
