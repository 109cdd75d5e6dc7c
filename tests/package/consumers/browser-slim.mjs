// A browser, with a bundler that turns the file into a URL.
import { NAMES, outcome, runChecks, same, throwsCode } from "./checks.mjs";
import rows from "./rows.mjs";
import * as api from "sendergate/slim";
import address from "sendergate/wasm";

const loading = [
  await outcome("loading", "exports init besides", () => same(Object.keys(api).sort(), [...NAMES, "init"].sort())),
  await outcome("loading", "not ready before init", () => throwsCode(api, "not-ready", () => api.parseDomainList("a.com"))),
  await outcome("loading", "init takes a promise of a response", () => api.init(fetch(address))),
];
globalThis.results = [...loading, ...(await runChecks(api, rows))];
