import { afterAll, beforeAll, expect, test } from "vitest";
import { createList, expected } from "../api.ts";
import { type Gate, freshGate } from "../gate.ts";

let gate: Gate;
let path: string;
beforeAll(async () => {
  gate = await freshGate();
  path = `/api/lists/${(await createList(gate)).id}/alert-settings`;
});
afterAll(() => gate.remove());

const SETTINGS = { actions: ["block"], addresses: ["postmaster@yourcompany.example"], webhook: null, digestMinutes: 60 };
const put = (body: unknown, version: number) => gate.admin("PUT", path, body, { "if-match": `"${version}"` });

test("before anything is saved nobody is told, and the first save states that version too", async () => {
  const answer = await gate.admin("GET", path);
  expect(answer.headers.get("etag")).toBe('"0"');
  expect(await expected(answer, 200)).toEqual({ actions: ["send-and-alert", "block"], addresses: [], webhook: null, digestMinutes: 0, lastNotices: [] });
  await expected(gate.admin("PUT", path, SETTINGS), 428);
  const saved = await put(SETTINGS, 0);
  expect(saved.headers.get("etag")).toBe('"1"');
  expect(await expected(saved, 200)).toMatchObject(SETTINGS);
});

test("a webhook's secret is shown when it is made, once", async () => {
  const webhook = { url: "https://hooks.yourcompany.example/alerts" };
  const made = await expected<{ webhook: { secret?: string } }>(put({ ...SETTINGS, webhook }, 1), 200);
  expect(made.webhook.secret).toMatch(/^whsec_/);
  expect(await expected(gate.admin("GET", path), 200)).toMatchObject({ webhook });
  expect(await (await gate.admin("GET", path)).text()).not.toContain("whsec_");
  const again = await expected<{ webhook: { secret?: string } }>(put({ ...SETTINGS, webhook }, 2), 200);
  expect(again.webhook.secret).toBeUndefined();
  const other = await expected<{ webhook: { secret?: string } }>(put({ ...SETTINGS, webhook: { ...webhook, newSecret: true } }, 3), 200);
  expect(other.webhook.secret).not.toBe(made.webhook.secret);
});

test("of two people one is told, with both versions", async () => {
  const { headers } = await gate.admin("GET", path);
  const version = Number((headers.get("etag") ?? "").replaceAll('"', ""));
  const answers = await Promise.all([1, 2, 3, 4].map((digestMinutes) => put({ ...SETTINGS, digestMinutes }, version)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412]);
  const won = (await expected<{ digestMinutes: number }>(answers.find(({ status }) => status === 200) as Response, 200)).digestMinutes;
  for (const [index, answer] of answers.entries()) {
    if (index + 1 === won) continue;
    expect(await expected(answer, 412)).toMatchObject({ current: { digestMinutes: won, version: version + 1 }, yours: { digestMinutes: index + 1 } });
  }
});

test.each([
  [{ addresses: ["nobody"] }, "/addresses/0"],
  [{ addresses: ["a@b.example", "a@b.example"] }, "/addresses"],
  [{ actions: ["send"] }, "/actions/0"],
  [{ digestMinutes: -1 }, "/digestMinutes"],
  [{ webhook: { url: "http://hooks.yourcompany.example/" } }, "/webhook/url"],
  [{ webhook: { url: "https://10.0.0.1/" } }, "/webhook/url"],
  [{ webhook: { url: "https://user:password@hooks.yourcompany.example/" } }, "/webhook/url"],
])("%j is refused, and it says where", async (change, where) => {
  const { headers } = await gate.admin("GET", path);
  const answer = await gate.admin("PUT", path, { ...SETTINGS, ...change }, { "if-match": headers.get("etag") ?? "" });
  expect(await expected(answer, 422)).toMatchObject({ code: "invalid-request", errors: [{ in: "body", path: where }] });
});
