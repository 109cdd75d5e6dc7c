// SvelteKit 2 on Cloudflare: the adapter for 3 is not out.
import { answersOf } from "../../browsers.mjs";
import { freePort } from "../../processes.mjs";
import { answersFrom } from "../../servers.mjs";

const tool = "@sveltejs/kit";
const served = async (project) => {
  await project.once("build", () => project.tool("vite", ["build", "--logLevel", "error"]));
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
