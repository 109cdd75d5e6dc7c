// Parcel, for pages; what it builds for Node takes packages from beside it, unless it is told otherwise.
import { answersOfFolder, html } from "../../browsers.mjs";

const tool = "parcel";

export default [
  {
    name: "Parcel, a page", tool, async run(project) {
      project.write("index.html", html("program/page.mjs"));
      await project.tool(tool, ["build", "index.html", "--no-cache", "--dist-dir", "dist"]);
      return answersOfFolder(project.away("dist"), { headers: {} });
    },
  },
];
