// Angular: an application with the element in a template.
import { EMBEDDED, answersOfFolder } from "../../browsers.mjs";

const tool = "@angular/core";

export default [
  {
    name: "Angular, an application with the element", tool, setting: EMBEDDED, expects: "page", async run(project) {
      await project.tool("ng", ["build"], { node: "24" });
      return answersOfFolder(project.away("dist/browser"), { headers: {} });
    },
  },
];
