// Nitro 3, on Node and on Cloudflare.
import { onCloudflare, onNode } from "../../nitro.mjs";

const tool = "nitro";
const build = (preset) => (project) => project.tool("nitro", ["build", "--preset", preset]);

export default [
  { name: "Nitro 3 on Node", tool, run: (project) => onNode(project, build("node_server")) },
  { name: "Nitro 3 on Cloudflare", tool, run: (project) => onCloudflare(project, build("cloudflare_module")) },
];
