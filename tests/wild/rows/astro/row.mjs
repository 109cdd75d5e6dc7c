// Astro: an endpoint on Node, and a page with the element.
import { answersOf } from "../../browsers.mjs";
import { freePort } from "../../processes.mjs";
import { answersFrom } from "../../servers.mjs";

const tool = "astro";
const node = "24";
const served = async (project) => {
  await project.once("build", () => project.tool(tool, ["build"], { node }));
  const port = await freePort();
  return project.serve("node", ["dist/server/entry.mjs"], port, { node, env: { PORT: String(port), HOST: "127.0.0.1" } });
};

export default [
  { name: "Astro, an endpoint", tool, run: async (project) => answersFrom(await served(project), "answers") },
  {
    name: "Astro, a page with the element", tool, expects: "page", async run(project) {
      const server = await served(project);
      return answersOf(server.url).finally(server.stop);
    },
  },
];
