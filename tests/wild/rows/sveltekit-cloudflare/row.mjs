// SvelteKit 2 on Cloudflare, with the pages of the other row: the adapter for 3 is not out.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { answersOf } from "../../browsers.mjs";
import { freePort } from "../../processes.mjs";
import { ROOT } from "../../project.mjs";
import { answersFrom } from "../../servers.mjs";

const tool = "@sveltejs/kit";
const build = (project) => {
  cpSync(join(ROOT, "tests/wild/rows/sveltekit/src"), project.path("src"), { recursive: true });
  return project.tool("vite", ["build", "--logLevel", "error"]);
};
const served = async (project) => {
  await project.once("build", () => build(project));
  const port = await freePort();
  return project.serve("wrangler", ["dev", "--port", port, "--inspector-port", await freePort(), "--log-level", "error"], port);
};

export default [
  { name: "SvelteKit on Cloudflare", tool, run: async (project) => answersFrom(await served(project), "answers") },
  {
    name: "SvelteKit on Cloudflare, a page with the element", tool, expects: "page", async run(project) {
      const server = await served(project);
      return answersOf(`${server.url}form`).finally(server.stop);
    },
  },
];
