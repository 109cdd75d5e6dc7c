// Deno, without permissions.
import { NAMES, outcome, runChecks, same } from "./checks.mjs";
import rows from "./rows.mjs";
import * as api from "sendergate";

const loading = [
  await outcome("loading", "exports what the contract names", () => same(Object.keys(api).sort(), [...NAMES].sort())),
  await outcome("loading", "runs in Deno", () => same(typeof Deno, "object")),
];
console.log(JSON.stringify([...loading, ...(await runChecks(api, rows))]));
