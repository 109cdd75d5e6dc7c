// The rows of webpack, and of Rspack, which works alike.
import { join } from "node:path";
import { answersOfFolder, html } from "./browsers.mjs";

/** `build` bundles a file of the program for `node20` or `web` into `dist/main.js`. */
export function rowsOf(name, tool, build) {
  const bundle = async (project, target, entry) => {
    await build(project, target, entry);
    return project.away("dist");
  };
  const server = (how, entry) => ({
    name: `${name} for Node, ${how}`, tool, quick: true, async run(project) {
      const cwd = await bundle(project, "node20", entry);
      // The bundle is CommonJS, the default of both.
      return project.node(["main.js"], { cwd });
    },
  });
  return [
    server("import", "server.mjs"),
    server("require", "server.cjs"),
    {
      name: `${name}, a page`, tool, quick: true, async run(project) {
        const folder = await bundle(project, "web", "page.mjs");
        project.write(join(folder, "index.html"), html("/main.js"));
        return answersOfFolder(folder);
      },
    },
  ];
}
