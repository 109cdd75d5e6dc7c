// Parcel, for pages, and for Node with all packages inside.
import { FIELD, answersOfFolder, html } from "../../browsers.mjs";

const tool = "parcel";

export default [
  {
    name: "Parcel, a page with the element", tool, expects: "page", async run(project) {
      project.write("index.html", html("program/page-element.mjs", FIELD));
      await project.tool(tool, ["build", "index.html", "--no-cache", "--dist-dir", "dist"]);
      return answersOfFolder(project.away("dist"), { headers: {} });
    },
  },
  {
    name: "Parcel for Node", tool, async run(project) {
      // All packages inside: else Parcel leaves them beside.
      const targets = { server: { source: "program/server.cjs", distDir: "server", context: "node", outputFormat: "commonjs", includeNodeModules: true } };
      project.manifest((own) => ({ ...own, targets }));
      await project.tool(tool, ["build", "--no-cache", "--target", "server"]);
      return project.node(["server.js"], { cwd: project.away("server") });
    },
  },
];
