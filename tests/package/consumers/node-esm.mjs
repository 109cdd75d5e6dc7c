// Node, by import: no setup, and nothing is loaded before it is needed.
import { NAMES, outcome, runChecks, same } from "./checks.mjs";
import rows from "./rows.mjs";

let modules = 0;
const Module = WebAssembly.Module;
WebAssembly.Module = new Proxy(Module, {
  construct(target, args) {
    modules += 1;
    return Reflect.construct(target, args);
  },
});

const api = await import("sendergate");
const loading = [
  await outcome("loading", "exports what the contract names", () => same(Object.keys(api).sort(), [...NAMES].sort())),
  await outcome("loading", "loads nothing at import", () => same(modules, 0)),
  await outcome("loading", "the first call loads it", () => {
    api.parseDomainList("a.com");
    same(modules, 1);
  }),
  await outcome("loading", "ready resolves at once", () => api.ready()),
];
console.log(JSON.stringify([...loading, ...(await runChecks(api, rows))]));
