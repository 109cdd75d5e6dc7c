import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
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
  // Nor does a copy of the database show one: neither as text nor as octets.
  const files = (await readdir(join(gate.data, "v3/d1"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const stored = Buffer.concat(await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))));
  expect(stored.includes("hooks.yourcompany.example")).toBe(true);
  for (const secret of [made.webhook.secret ?? "", other.webhook.secret ?? ""]) {
    expect(stored.includes(secret.slice(6))).toBe(false);
    expect(stored.includes(Buffer.from(secret.slice(6), "base64"))).toBe(false);
  }
});

test("where a resolver is set the name of a webhook is looked up before it is saved", async () => {
  const answers: Record<string, string | undefined> = { "good.yourcompany.example": "1.1.1.1", "inside.yourcompany.example": "10.0.0.1" };
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    const { searchParams } = new URL(request.url ?? "", "http://x");
    const data = searchParams.get("type") === "A" ? answers[searchParams.get("name") ?? ""] : undefined;
    response.end(JSON.stringify({ Status: 0, Answer: data === undefined ? [] : [{ type: 1, data }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own = await freshGate({ DNS_RESOLVER: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dns-query` });
  try {
    const where = `/api/lists/${(await createList(own)).id}/alert-settings`;
    const save = (name: string, version: number) =>
      own.admin("PUT", where, { ...SETTINGS, webhook: { url: `https://${name}.yourcompany.example/` } }, { "if-match": `"${version}"` });
    for (const name of ["inside", "nowhere"]) {
      expect(await expected(save(name, 0), 422), name).toMatchObject({ code: "invalid-request", errors: [{ path: "/webhook/url" }] });
    }
    await expected(save("good", 0), 200);
    // One that stands is not looked up again: whoever changes an address may do so though the name is gone.
    const before = asked;
    await expected(save("good", 1), 200);
    expect(asked).toBe(before);
    // A resolver that is away keeps nobody from saving.
    await new Promise((resolve) => server.close(resolve));
    await expected(save("other", 2), 200);
  } finally {
    await own.remove();
  }
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
