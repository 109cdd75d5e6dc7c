// A Cloudflare Worker: no setup.
import { NAMES, outcome, runChecks, same } from "./checks.mjs";
import rows from "./rows.mjs";
import * as api from "sendergate";

export default {
  async fetch() {
    const loading = [
      await outcome("loading", "exports what the contract names", () => same(Object.keys(api).sort(), [...NAMES].sort())),
      await outcome("loading", "runs in workerd", () => same(navigator.userAgent, "Cloudflare-Workers")),
    ];
    return Response.json([...loading, ...(await runChecks(api, rows))]);
  },
};
