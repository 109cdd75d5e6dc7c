import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gate, freshGate } from "../gate.ts";

let gate: Gate;
beforeAll(async () => {
  gate = await freshGate();
});
afterAll(() => gate.remove());

test("another method is 405 and says which there are", async () => {
  const answer = await fetch(`${gate.url}/healthz`, { method: "POST", headers: { "x-http-method-override": "GET" } });
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe("GET, HEAD");
  expect(await answer.json()).toMatchObject({ code: "method-not-allowed" });
});

test("HEAD answers as GET does, without a body", async () => {
  const answer = await fetch(`${gate.url}/healthz`, { method: "HEAD" });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("");
});

test.each(["/healthz", "/v1/nowhere"])("%s may not be framed, sniffed or kept", async (path) => {
  const { headers } = await fetch(gate.url + path);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cache-control")).toBe("no-store");
});
