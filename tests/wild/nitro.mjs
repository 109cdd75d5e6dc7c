// Builds with Nitro and runs the result: in another folder on Node, in workerd for Cloudflare.
import { freePort } from "./processes.mjs";
import { answersFrom } from "./servers.mjs";

export async function onNode(project, build, { node } = {}) {
  await build(project);
  const cwd = project.away(".output");
  const port = await freePort();
  return answersFrom(await project.serve("node", ["server/index.mjs"], port, { node, cwd, env: { PORT: String(port), HOST: "127.0.0.1" } }), "answers");
}

export async function onCloudflare(project, build, { node } = {}) {
  await build(project);
  const settings = {
    name: "wild", main: ".output/server/index.mjs", compatibility_date: "2026-03-01", compatibility_flags: ["nodejs_compat"],
    assets: { binding: "ASSETS", directory: ".output/public" }, no_bundle: true, rules: [{ type: "ESModule", globs: ["**/*.mjs"] }],
  };
  const own = project.path("wrangler.wild.json");
  project.write(own, JSON.stringify(settings));
  const port = await freePort();
  const args = ["dev", "--config", own, "--port", port, "--inspector-port", await freePort(), "--log-level", "error"];
  return answersFrom(await project.serve("wrangler", args, port, { node }), "answers");
}
