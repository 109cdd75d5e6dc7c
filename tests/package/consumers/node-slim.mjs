// Node, slim: the file in each form that `init` takes.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { NAMES, outcome, runChecks, same, throwsCode } from "./checks.mjs";
import rows from "./rows.mjs";
import * as api from "sendergate/slim";

const bytes = readFileSync(fileURLToPath(import.meta.resolve("sendergate/wasm")));
const module = new WebAssembly.Module(bytes);
const headers = { "content-type": "application/wasm" };
const loading = [
  await outcome("loading", "exports init besides", () => same(Object.keys(api).sort(), [...NAMES, "init"].sort())),
  await outcome("loading", "not ready before init", () => throwsCode(api, "not-ready", () => api.parseDomainList("a.com"))),
];
const forms = { module, bytes, buffer: new Uint8Array(bytes).buffer, response: new Response(bytes, { headers }) };
for (const [name, source] of Object.entries(forms)) {
  loading.push(await outcome("loading", `init takes a ${name}`, () => api.init(source)));
}
loading.push(await outcome("loading", "init takes a promise", () => api.init(Promise.resolve(module))));
loading.push(
  await outcome("loading", "init refuses something else", () => throwsCode(api, "invalid-argument", () => api.init({}))),
  await outcome("loading", "init says that a server has no such file", () =>
    throwsCode(api, "load-failed", () => api.init(new Response("", { status: 404 }))),
  ),
);
console.log(JSON.stringify([...loading, ...(await runChecks(api, rows))]));
