// Next 16 on Cloudflare, by OpenNext.
import { freePort } from "../../processes.mjs";
import { answersFrom } from "../../servers.mjs";

const node = "24";

export default [
  {
    name: "OpenNext, a route handler on Cloudflare", tool: "@opennextjs/cloudflare", setting: '`serverExternalPackages: ["sendergate"]`', async run(project) {
      await project.tool("opennextjs-cloudflare", ["build"], { node });
      // It stays where it was built, beside Wrangler's settings; the package does not.
      project.away(".open-next/cloudflare");
      const port = await freePort();
      const args = ["dev", "--port", port, "--inspector-port", await freePort(), "--log-level", "error"];
      return answersFrom(await project.serve("wrangler", args, port, { node }), "api/answers");
    },
  },
];
