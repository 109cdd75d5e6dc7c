import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN_TOKEN, type Gate, freshGate } from "../gate.ts";

const DEMO = fileURLToPath(new URL("../../local/demo.mjs", import.meta.url));
const run = (args: string[], environment: Record<string, string> = {}) =>
  promisify(execFile)(process.execPath, [DEMO, ...args], { env: { ...process.env, ...environment } });

let gate: Gate;
beforeAll(async () => {
  gate = await freshGate();
});
afterAll(() => gate.remove());

test("cargo xtask demo sends what it says and shows what became of it", async () => {
  const { stdout } = await run(["--url", gate.url, "--data", gate.data], { SENDERGATE_ADMIN_TOKEN: ADMIN_TOKEN });
  const part = (what: string) => stdout.split("\n\n").find((text) => text.startsWith(what)) ?? "";
  expect(part("allowed")).toMatch(/answer {5}202, send: authorized, listed-domain; priority 3\n/);
  expect(part("urgent")).toMatch(/priority [12]\n[^]*MT-PRIORITY [1-9]/);
  expect(part("alerted")).toMatch(/answer {5}202, send-and-alert: unauthorized, /);
  expect(part("blocked")).toMatch(/answer {5}403, block: unauthorized, [^]*nearly shop\.example \(typo-of-listed\)[^]*became {5}blocked\n?$/);
  expect(part("spoofed")).toMatch(/mail-from {2}info@shop\.example: authorized, [^]*from {7}service@bank\.example: unauthorized/);
  for (const what of ["allowed", "urgent", "alerted"]) {
    const [, file = ""] = /became {5}delivered: (\S+\.eml)\n/.exec(part(what)) ?? [];
    expect(existsSync(file)).toBe(true);
  }
  expect(part("alerts").match(/ {2}Demo: blocks: 1 × blocked/g)).toHaveLength(2);
  expect(part("alerts")).toContain("  Demo: alerts only: 1 × sent with an alert");
});

test("without a gate, or with a wrong token, it says what to do", async () => {
  await expect(run(["--url", "http://127.0.0.1:1", "--admin-token", "some-token-of-sixteen"])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("start one: cargo xtask start"),
  });
  await expect(run(["--url", gate.url, "--admin-token", "some-token-of-sixteen"])).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("401") });
  await expect(run(["--url", gate.url], { SENDERGATE_ADMIN_TOKEN: "" })).rejects.toMatchObject({ code: 64 });
});
