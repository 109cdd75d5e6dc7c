// Vite: pages, servers and libraries.
import { answersOf, answersOfFolder, html } from "../../browsers.mjs";
import { freePort } from "../../processes.mjs";

const tool = "vite";
const build = (project, args) => project.tool(tool, ["build", "--logLevel", "error", ...args]);

export default [
  {
    name: "Vite, a page", tool, quick: true, async run(project) {
      project.write("index.html", html("/program/page.mjs"));
      await build(project, []);
      return answersOfFolder(project.away("dist"));
    },
  },
  {
    name: "Vite, its server", tool, quick: true, async run(project) {
      project.write("index.html", html("/program/page.mjs"));
      const port = await freePort();
      const server = await project.serve(tool, ["--host", "127.0.0.1", "--port", port], port);
      return answersOf(server.url).finally(server.stop);
    },
  },
  {
    name: "Vite SSR, packages beside it", tool, quick: true, async run(project) {
      await build(project, ["--ssr", "program/server.mjs", "--outDir", "beside"]);
      return project.node(["beside/server.js"]);
    },
  },
  {
    name: "Vite SSR, packages inside", tool, quick: true, async run(project) {
      await build(project, ["--ssr", "program/server.mjs", "--outDir", "inside", "--config", "inside.config.mjs"]);
      return project.node(["server.mjs"], { cwd: project.away("inside") });
    },
  },
  {
    name: "Vite library, in Node", tool, quick: true, async run(project) {
      await build(project, ["--config", "library.config.mjs"]);
      project.write("library/run.mjs", 'import { call } from "./library.js";\nconsole.log(`ANSWERS ${JSON.stringify(await call())}`);\n');
      project.write("library/package.json", '{ "type": "module" }');
      return project.node(["run.mjs"], { cwd: project.away("library") });
    },
  },
  {
    name: "Vite library, in a page", tool, quick: true, async run(project) {
      await build(project, ["--config", "library.config.mjs"]);
      project.write("library/index.html", html("/run.js"));
      project.write("library/run.js", 'import { call } from "./library.js";\nglobalThis.answers = await call().catch((error) => ({ error: error.stack }));\n');
      return answersOfFolder(project.away("library"), { headers: {} });
    },
  },
];
