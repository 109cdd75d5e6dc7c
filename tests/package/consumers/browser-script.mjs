// A page with the package as one classic script: the engine and the element.
import { NAMES, outcome, runChecks, same } from "./checks.mjs";
import rows from "./rows.mjs";

const api = globalThis.sendergate;
// Classic scripts have no `await` at the top.
(async () => {
  const list = Object.assign(document.createElement("sender-list"), { name: "domains", value: "A.example" });
  const form = document.createElement("form");
  form.append(list);
  document.body.append(form);
  const loading = [
    await outcome("loading", "exports the element besides", () => same(Object.keys(api).sort(), [...NAMES, "SenderList"].sort())),
    await outcome("loading", "ready", () => api.ready()),
    await outcome("loading", "the element reads its list", () => same(new FormData(form).get("domains"), "a.example")),
  ];
  globalThis.results = [...loading, ...(await runChecks(api, rows))];
})();
