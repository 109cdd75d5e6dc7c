"use strict";
// Node, by require.
const api = require("sendergate");

(async () => {
  const { NAMES, outcome, runChecks, same } = await import("./checks.mjs");
  const { default: rows } = await import("./rows.mjs");
  const loading = [
    await outcome("loading", "exports what the contract names", () => same(Object.keys(api).sort(), [...NAMES].sort())),
  ];
  console.log(JSON.stringify([...loading, ...(await runChecks(api, rows))]));
})();
