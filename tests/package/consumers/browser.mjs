// A browser: `await ready()` once.
import { NAMES, outcome, runChecks, same, throwsCode } from "./checks.mjs";
import rows from "./rows.mjs";
import * as api from "sendergate";

// Classic scripts have no `await` at the top.
(async () => {
  const loading = [
    await outcome("loading", "exports what the contract names", () => same(Object.keys(api).sort(), [...NAMES].sort())),
    await outcome("loading", "not ready before ready", () => throwsCode(api, "not-ready", () => api.parseDomainList("a.com"))),
    await outcome("loading", "no policy before ready", () => throwsCode(api, "not-ready", () => new api.SenderPolicy())),
    await outcome("loading", "ready", () => Promise.all([api.ready(), api.ready()])),
  ];
  globalThis.results = [...loading, ...(await runChecks(api, rows))];
})();
