/** From the settings to the webhook and the mail, through the worker itself. */
import { type IncomingHttpHeaders, createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createList, expected } from "../api.ts";
import { type Gate, freshGate } from "../gate.ts";
import { account, envelope, message, post } from "../sending.ts";

const received: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
let status = 204;
const hook = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  received.push({ path: request.url ?? "", headers: request.headers, body });
  response.writeHead(status, { location: "/elsewhere" }).end();
});

/** A DNS-over-HTTPS server whose names lead outside while their webhooks are saved, and somewhere else afterwards. */
let saved = false;
const resolver = createServer((request, response) => {
  const name = new URL(request.url ?? "", "http://x").searchParams.get("name");
  const later = name === "inside.example.com" ? [{ type: 1, data: "10.0.0.7" }] : [];
  const Answer = saved ? later : [{ type: 1, data: "1.1.1.1" }];
  response.end(JSON.stringify({ Status: 0, Answer }));
});

let gate: Gate;
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => resolver.listen(0, "127.0.0.1", resolve));
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`;
  gate = await freshGate({ DNS_RESOLVER: `http://127.0.0.1:${(resolver.address() as AddressInfo).port}/dns-query` });
});
afterAll(async () => {
  hook.closeAllConnections();
  hook.close();
  resolver.closeAllConnections();
  resolver.close();
  await gate.remove();
});

interface Saved {
  webhook: { url: string; secret?: string } | null;
}
const everything = { actions: ["send-and-alert", "block"], addresses: ["ops@b.example"], webhook: { url: "" }, digestMinutes: 0 };
const save = (list: string, settings: object) =>
  expected<Saved>(gate.admin("PUT", `/api/lists/${list}/alert-settings`, settings, { "if-match": '"0"' }), 200);
const tried = (list: string) => expected<{ results: object[] }>(gate.admin("POST", `/api/lists/${list}/alert-settings/test`), 200);

async function arrived(): Promise<string[]> {
  for (let turn = 0; turn < 100; turn += 1) {
    const names = (await readdir(gate.sent)).filter((name) => name.endsWith(".eml") && !name.startsWith("."));
    if (names.length > 0) return names;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return [];
}

test("a test alert reaches the webhook, signed as another's library verifies it, and a mailbox", async () => {
  const list = await createList(gate, { name: "Größe & Co" });
  const { webhook } = await save(list.id, { ...everything, webhook: { url } });
  expect(await tried(list.id)).toEqual({
    results: [
      { channel: "webhook", sent: true, result: "204" },
      { channel: "mail", sent: true, result: "in the outbox" },
    ],
  });
  const [{ path, headers, body } = { path: "", headers: {}, body: "" }] = received;
  expect(path).toBe("/hook");
  const verified = new Webhook(webhook?.secret ?? "").verify(body, headers as Record<string, string>);
  expect(verified).toEqual({ id: headers["webhook-id"], kind: "test", list: { id: list.id, name: "Größe & Co" }, alerts: [], more: 0 });
  expect(() => new Webhook(webhook?.secret ?? "").verify(`${body} `, headers as Record<string, string>)).toThrow();

  const [name = ""] = await arrived();
  const envelope = JSON.parse(await readFile(join(gate.sent, name.replace(".eml", ".json")), "utf8"));
  expect(envelope).toMatchObject({ to: ["ops@b.example"] });
  expect(envelope.from ?? "").toBe("");
  const mail = await readFile(join(gate.sent, name), "utf8");
  expect(mail).toContain("\r\nAuto-Submitted: auto-generated\r\n");
  // It is in no log, raised no alert and counts nowhere.
  for (const what of ["alerts", "messages"]) {
    expect(await expected(gate.admin("GET", `/api/lists/${list.id}/${what}`), 200)).toEqual({ items: [] });
  }
});

test("a redirect of the webhook is told and not followed", async () => {
  const list = await createList(gate);
  await save(list.id, { ...everything, addresses: [], webhook: { url } });
  received.length = 0;
  status = 302;
  expect(await tried(list.id)).toEqual({ results: [{ channel: "webhook", sent: false, result: "302" }] });
  // Not by a minute's work either: a test is not repeated.
  await gate.scheduled();
  expect(received.map(({ path }) => path)).toEqual(["/hook"]);
});

test("a name that leads inside is refused before anything is sent there, one that leads nowhere too", async () => {
  for (const [host, fault] of [
    ["inside.example.com", "a name that leads to a private address"],
    ["nowhere.example.com", "a name without an address"],
  ]) {
    const list = await createList(gate);
    saved = false;
    await save(list.id, { ...everything, addresses: [], webhook: { url: `https://${host}/hook` } });
    saved = true;
    expect(await tried(list.id)).toEqual({ results: [{ channel: "webhook", sent: false, result: `refused: ${fault}` }] });
  }
});

test("with nobody to tell there is nothing to test", async () => {
  const list = await createList(gate);
  const answer = await gate.admin("POST", `/api/lists/${list.id}/alert-settings/test`);
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ code: "nobody-to-tell" });
  expect((await gate.admin("POST", "/api/lists/lunknown/alert-settings/test")).status).toBe(404);
});

test("a storm of refused messages is told at once, by one notice, and is one alert with its count", async () => {
  status = 204;
  received.length = 0;
  const sender = await account(gate, { domains: "allowed.example" });
  await save(sender.list, { ...everything, addresses: [], webhook: { url } });
  const path = `/v1/messages?${envelope("me@other.example", "you@there.example")}`;
  const waves = Array.from({ length: 25 }, () => Array.from({ length: 8 }, () => path));
  for (const wave of waves) {
    const answers = await Promise.all(wave.map((to) => post(gate, sender, to, message("me@other.example"))));
    expect(answers.map(({ status: given }) => given)).toEqual(wave.map(() => 403));
  }
  const counted = async () => {
    const { items } = await expected<{ items: { count: number; place: string }[] }>(gate.admin("GET", `/api/lists/${sender.list}/alerts`), 200);
    return items.map(({ count, place }) => [count, place]);
  };
  for (let turn = 0; turn < 100 && (await counted())[0]?.[0] !== 200; turn += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await counted()).toEqual([[200, "other.example"]]);
  await gate.scheduled();
  expect(received).toHaveLength(1);
  const told = () => received.map(({ body }) => JSON.parse(body));
  expect(told()).toMatchObject([{ kind: "alerts", alerts: [{ action: "block", user: sender.username, place: "other.example" }] }]);
  // What it counted afterwards is told when its hour is over, by nothing but the clock.
  await gate.scheduled(Date.now() + 3_600_000);
  expect(told()[1].alerts).toMatchObject([{ place: "other.example", count: 200, newCount: 200 - told()[0].alerts[0].newCount }]);
});
