// Rspack, for servers and pages.
import { join } from "node:path";
import { answersOfFolder, html } from "../../browsers.mjs";

const tool = "@rspack/core";
const bundle = async (project, target, entry) => {
  await project.tool("rspack", ["build", "--mode", "production", "--entry", `./program/${entry}`, "--output-path", project.path("dist")], { env: { TARGET: target } });
  return project.away("dist");
};
const server = (name, entry) => ({
  name, tool, quick: true, async run(project) {
    const cwd = await bundle(project, "node20", entry);
    // The bundle is CommonJS, as Rspack makes it unless it is told otherwise.
    return project.node(["main.js"], { cwd });
  },
});

export default [
  server("Rspack for Node, import", "server.mjs"),
  server("Rspack for Node, require", "server.cjs"),
  {
    name: "Rspack, a page", tool, quick: true, async run(project) {
      const folder = await bundle(project, "web", "page.mjs");
      project.write(join(folder, "index.html"), html("/main.js"));
      return answersOfFolder(folder);
    },
  },
];
