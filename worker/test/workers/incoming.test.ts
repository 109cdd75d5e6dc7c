/** Two who write the incoming server of a list at once: what the slower one meant changes nothing. */
import { applyD1Migrations } from "cloudflare:test";
import { beforeAll, expect, test } from "vitest";
import { incomingOf, readIncoming, writeIncoming } from "../../src/directory/incoming.ts";
import { insertList } from "../../src/directory/lists.ts";
import { env } from "./made.ts";

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));

const server = { protocol: "imap", host: "imap.one.example", port: 993, encryption: "tls" } as const;
const list = () => insertList(env, { name: "List", onUnauthorized: "block", identities: ["from"], maxPriority: 1, stampPriority: false });

test("a write over another version than the one that stands writes nothing, domains included", async () => {
  const { id } = await list();
  expect(await writeIncoming(env, id, 0, { server, domains: ["one.example"] })).toBe("saved");
  for (const version of [0, 2]) {
    expect(await writeIncoming(env, id, version, { server: { ...server, host: "imap.two.example" }, domains: ["two.example"] })).toBe("passed");
    expect(await readIncoming(env, id)).toEqual({ server, domains: ["one.example"], version: 1 });
  }
  expect(await writeIncoming(env, id, 1, { server: null, domains: [] })).toBe("saved");
  expect(await readIncoming(env, id)).toEqual({ server: null, domains: [], version: 2 });
});

test("a domain that another list was quicker to take is taken, and nothing is written", async () => {
  const [first, second] = [await list(), await list()];
  expect(await writeIncoming(env, first.id, 0, { server, domains: ["shared.example"] })).toBe("saved");
  expect(await writeIncoming(env, second.id, 0, { server, domains: ["own.example", "shared.example"] })).toBe("taken");
  expect(await readIncoming(env, second.id)).toEqual({ server: null, domains: [], version: 0 });
  expect(await incomingOf(env, ["own.example"])).toBeUndefined();
  expect(await incomingOf(env, ["nobody.example", "shared.example"])).toEqual({ ...server, domain: "shared.example" });
});
