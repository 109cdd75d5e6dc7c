// Angular: an application with the element in a template, and one with a server.
import { EMBEDDED, answersOfFolder } from "../../browsers.mjs";
import { freePort } from "../../processes.mjs";
import { answersFrom } from "../../servers.mjs";

const tool = "@angular/core";

export default [
  {
    name: "Angular, an application with the element", tool, setting: EMBEDDED, expects: "page", async run(project) {
      await project.tool("ng", ["build"], { node: "24" });
      return answersOfFolder(project.away("dist/browser"), { headers: {} });
    },
  },
  {
    name: "Angular, on its server", tool, async run(project) {
      await project.tool("ng", ["build", "--configuration", "ssr"], { node: "24" });
      const port = await freePort();
      const cwd = project.away("dist-ssr");
      return answersFrom(await project.serve("node", ["server/server.mjs"], port, { node: "24", cwd, env: { PORT: String(port) } }), "answers");
    },
  },
];
