// Nitro, on Node and on Cloudflare.
import { onCloudflare, onNode } from "../../nitro.mjs";

const tool = "nitropack";
const build = (preset) => (project) => project.tool("nitropack", ["build", "--preset", preset]);

export default [
  { name: "Nitro on Node", tool, run: (project) => onNode(project, build("node_server")) },
  { name: "Nitro on Cloudflare", tool, run: (project) => onCloudflare(project, build("cloudflare_module")) },
];
