// SvelteKit: a route and a page with the element, on Node.
import { answersOf } from "../../browsers.mjs";
import { freePort } from "../../processes.mjs";
import { answersFrom } from "../../servers.mjs";

const tool = "@sveltejs/kit";
const node = "24";
const build = (project) => project.tool("vite", ["build", "--logLevel", "error"], { node });
const serve = async (project, cwd) => {
  const port = await freePort();
  return project.serve("node", ["build/index.js"], port, { node, cwd, env: { PORT: String(port), HOST: "127.0.0.1" } });
};

export default [
  {
    name: "SvelteKit on Node, packages beside it", tool, async run(project) {
      await project.once("node", () => build(project));
      return answersFrom(await serve(project), "answers");
    },
  },
  {
    name: "SvelteKit, a page with the element", tool, expects: "page", async run(project) {
      await project.once("node", () => build(project));
      const server = await serve(project);
      return answersOf(`${server.url}form`).finally(server.stop);
    },
  },
  {
    name: "SvelteKit on Node, packages inside", tool, async run(project) {
      // Its adapter takes in whatever is not a dependency at run time.
      project.manifest(({ dependencies, devDependencies, ...own }) => ({ ...own, devDependencies: { ...devDependencies, ...dependencies } }));
      await build(project);
      const port = await freePort();
      const cwd = project.away("build");
      project.write(`${cwd}/package.json`, '{ "type": "module" }');
      return answersFrom(await project.serve("node", ["index.js"], port, { node, cwd, env: { PORT: String(port), HOST: "127.0.0.1" } }), "answers");
    },
  },
];
