// A Cloudflare Worker that gives the module to `init`.
import { NAMES, outcome, runChecks, same, throwsCode } from "./checks.mjs";
import rows from "./rows.mjs";
import * as api from "sendergate/slim";
import module from "sendergate/wasm";

const loading = [
  await outcome("loading", "exports init besides", () => same(Object.keys(api).sort(), [...NAMES, "init"].sort())),
  await outcome("loading", "not ready before init", () => throwsCode(api, "not-ready", () => api.parseDomainList("a.com"))),
  await outcome("loading", "init takes a module", () => api.init(module)),
];

export default {
  async fetch() {
    return Response.json([...loading, ...(await runChecks(api, rows))]);
  },
};
