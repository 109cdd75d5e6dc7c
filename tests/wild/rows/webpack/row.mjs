// webpack, for servers and pages.
import { join } from "node:path";
import { answersOfFolder, html } from "../../browsers.mjs";

const tool = "webpack";
const bundle = async (project, target, entry) => {
  await project.tool(tool, ["--mode", "production", "--target", target, "--entry", `./program/${entry}`, "--output-path", project.path("dist"), "--stats", "errors-only"]);
  return project.away("dist");
};
const server = (name, entry) => ({
  name, tool, quick: true, async run(project) {
    const cwd = await bundle(project, "node20", entry);
    // The bundle is CommonJS, as webpack makes it unless it is told otherwise.
    return project.node(["main.js"], { cwd });
  },
});

export default [
  server("webpack for Node, import", "server.mjs"),
  server("webpack for Node, require", "server.cjs"),
  {
    name: "webpack, a page", tool, quick: true, async run(project) {
      const folder = await bundle(project, "web", "page.mjs");
      project.write(join(folder, "index.html"), html("/main.js"));
      return answersOfFolder(folder);
    },
  },
];
