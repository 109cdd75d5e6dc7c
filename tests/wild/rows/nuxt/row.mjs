// Nuxt, on Node and on Cloudflare, and a page with the element.
import { answersOf } from "../../browsers.mjs";
import { onCloudflare, onNode } from "../../nitro.mjs";
import { freePort } from "../../processes.mjs";

const tool = "nuxt";
const node = "24";
const build = (NITRO_PRESET, WASM = "") => (project) =>
  project.once(NITRO_PRESET, () => project.tool(tool, ["build"], { node, env: { NITRO_PRESET, WASM } }));

export default [
  { name: "Nuxt on Node", tool, run: (project) => onNode(project, build("node_server"), { node }) },
  {
    name: "Nuxt, a page with the element", tool, expects: "page", async run(project) {
      await build("node_server")(project);
      const port = await freePort();
      const server = await project.serve("node", [".output/server/index.mjs"], port, { node, env: { PORT: String(port), HOST: "127.0.0.1" } });
      return answersOf(server.url).finally(server.stop);
    },
  },
  { name: "Nuxt on Cloudflare", tool, setting: "`nitro.experimental.wasm`", run: (project) => onCloudflare(project, build("cloudflare_module", "true"), { node }) },
];
