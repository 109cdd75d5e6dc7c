// Node, by import, require and slim in one process: all share one instance.
import { createRequire } from "node:module";
import { outcome, runChecks, same } from "./checks.mjs";
import rows from "./rows.mjs";

let instances = 0;
const Instance = WebAssembly.Instance;
WebAssembly.Instance = new Proxy(Instance, {
  construct(target, args) {
    instances += 1;
    return Reflect.construct(target, args);
  },
});

const require = createRequire(import.meta.url);
const entries = [
  await import("sendergate"),
  require("sendergate"),
  await import("sendergate/slim"),
  require("sendergate/slim"),
];
const loading = [
  await outcome("loading", "the same class from every entry", () => {
    for (const api of entries) same(api.SenderPolicy === entries[0].SenderPolicy, true);
  }),
];
const checks = [];
for (const api of entries) checks.push(...(await runChecks(api, rows)));
loading.push(await outcome("loading", "one instance for every entry", () => same(instances, 1)));
console.log(JSON.stringify([...loading, ...checks]));
