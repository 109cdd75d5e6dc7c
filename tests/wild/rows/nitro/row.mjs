// Nitro, on Node and on Cloudflare.
import { onCloudflare, onNode } from "../../nitro.mjs";

const tool = "nitropack";
const build = (preset, env = {}) => (project) => project.tool("nitropack", ["build", "--preset", preset], { env });

export default [
  { name: "Nitro on Node", tool, run: (project) => onNode(project, build("node_server")) },
  { name: "Nitro on Cloudflare", tool, setting: "`experimental.wasm`", run: (project) => onCloudflare(project, build("cloudflare_module", { WASM: "true" })) },
];
