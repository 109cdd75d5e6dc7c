import { createHmac } from "node:crypto";
import { type IncomingHttpHeaders, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SenderPolicy, version } from "sendergate";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Enqueue, sendDueNotices, sendNotice } from "../../src/alerts/dispatch.ts";
import { raiseAllNotices, raiseNotices, raiseTestNotices } from "../../src/alerts/notices.ts";
import { type NewAlertSettings, alertSettings, saveAlertSettings } from "../../src/alerts/settings.ts";
import { messageId } from "../../src/ids.ts";
import type { LogEvent } from "../../src/outbox/event.ts";
import { project } from "../../src/projector.ts";
import type { Own } from "../../src/outbox/own.ts";
import { type Database, freshDatabase } from "../database.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Ten past the hour, so that an hour is not over too soon. */
const AT = Date.UTC(2026, 10, 23, 12, 10);

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

let database: Database;
let env: Env;
let hook: string;
let answer: (path: string) => { status: number; headers?: Record<string, string>; body?: string; never?: boolean };
const received: Received[] = [];
const mails: Own[] = [];
const jobs: string[] = [];

const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  received.push({ path: request.url ?? "", headers: request.headers, body });
  const { status, headers = {}, body: text = "the answer", never = false } = answer(request.url ?? "");
  if (!never) response.writeHead(status, headers).end(text);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  // The queue's other end is the worker; here the jobs are only seen.
  const NOTICES = { sendBatch: async (batch: { body: { notice: string } }[]) => void jobs.push(...batch.map(({ body }) => body.notice)) };
  database = await freshDatabase({ DEVELOPMENT: "1", NOTICES: NOTICES as unknown as Env["NOTICES"] });
  env = database.env;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await database.close();
});
beforeEach(async () => {
  answer = () => ({ status: 204, body: "" });
  for (const list of [received, mails, jobs]) list.length = 0;
  const tables = ["messages", "deliveries", "statistics", "alerts", "notices", "alert_settings", "alert_channels", "lists"];
  await env.DB.batch([
    ...tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
    env.DB.prepare("UPDATE clock SET mark = NULL"),
    env.DB.prepare("INSERT INTO lists (id, name, created_at) VALUES ('l1', 'Größe', 0)"),
  ]);
});

const enqueue: Enqueue = async (_env, mail) => String(mails.push(mail));
const rows = async (sql: string) => (await env.DB.prepare(sql).all()).results;
const settings = (changes: Partial<NewAlertSettings> = {}): NewAlertSettings => ({
  actions: ["send-and-alert", "block"],
  addresses: [],
  webhook: { url: hook, newSecret: false },
  digestMinutes: 0,
  ...changes,
});

const policies = {
  block: new SenderPolicy({ domains: "a.example" }),
  alert: new SenderPolicy({ domains: "a.example", onUnauthorized: "alert" }),
};
function refused(from: string, at: number, { onUnauthorized = "block" as "block" | "alert", username = "s1" } = {}): LogEvent {
  const decision = policies[onUnauthorized].decide({ mailFrom: null, header: new TextEncoder().encode(`From: ${from}\r\n\r\n`) });
  return { id: messageId(at), at, listId: "l1", username, mailFrom: null, recipients: ["to@b.example"], size: 100, decision, engine: version, accepted: false };
}
const forever = () => true;
/** A minute of cron at `now`. */
async function cron(now: number) {
  await raiseAllNotices(env, now);
  await sendDueNotices(env, now, forever, enqueue);
}
const bodies = () => received.map(({ body }) => JSON.parse(body));

describe("what is told, and when", () => {
  test("a storm is told at once, and once more when its hour is over, with its count", async () => {
    await saveAlertSettings(env, "l1", settings(), 0);
    for (let part = 0; part < 20; part += 1) {
      const storm = Array.from({ length: 500 }, (_, index) => refused("me@b.example", AT + part * 3000 + index * 6));
      await project(env, storm, [], AT + part * 3000);
      // The projection makes the first notice by itself.
      expect(jobs).toHaveLength(1);
    }
    for (let minute = 1; minute < 200; minute += 10) await cron(AT + minute * MINUTE);
    expect(bodies().map(({ alerts }) => alerts.map(({ count, newCount }: Record<string, number>) => [count, newCount]))).toEqual([
      [[500, 500]],
      [[10_000, 9500]],
    ]);
  });

  test("a storm of ever new kinds becomes few notices that name some and count the rest", async () => {
    await saveAlertSettings(env, "l1", settings(), 0);
    for (let minute = 0; minute < 60; minute += 1) {
      const at = AT + minute * MINUTE;
      const storm = Array.from({ length: 25 }, (_, index) => refused(`me@d${minute}-${index}.example`, at, { username: `s${minute}-${index}` }));
      await project(env, storm, [], at);
      await cron(at);
    }
    await cron(AT + 61 * MINUTE);
    await cron(AT + 80 * MINUTE);
    expect(received.length).toBeLessThan(12);
    expect(bodies().reduce((sum, { alerts, more }) => sum + alerts.length + more, 0)).toBe(1500);
    expect(Math.max(...bodies().map(({ alerts }) => alerts.length))).toBe(50);
  });

  test("a digest waits for its interval and tells everything in it", async () => {
    await saveAlertSettings(env, "l1", settings({ digestMinutes: 30 }), 0);
    await project(env, [refused("me@b.example", AT), refused("me@c.example", AT + MINUTE), refused("me@c.example", AT + 2 * MINUTE)], [], AT);
    await cron(AT + 29 * MINUTE);
    expect(received).toHaveLength(0);
    await cron(AT + 30 * MINUTE);
    expect(bodies()).toMatchObject([{ kind: "digest", alerts: [{ place: "c.example", count: 2 }, { place: "b.example", count: 1 }], more: 0 }]);
    await cron(AT + 90 * MINUTE);
    expect(received).toHaveLength(1);
  });

  test("only the chosen actions, and nothing raised before there was anybody to tell", async () => {
    await project(env, [refused("me@b.example", AT)], [], AT);
    await saveAlertSettings(env, "l1", settings({ actions: ["block"] }), 0);
    await cron(AT + MINUTE);
    expect(received).toHaveLength(0);
    await project(env, [refused("me@x.example", AT, { onUnauthorized: "alert" }), refused("me@y.example", AT)], [], AT);
    await cron(AT + MINUTE);
    expect(bodies()).toMatchObject([{ alerts: [{ action: "block", place: "y.example" }] }]);
    expect(await rows("SELECT count(*) AS n FROM alerts")).toEqual([{ n: 3 }]);
  });

  test("two who tell at once tell it once", async () => {
    await saveAlertSettings(env, "l1", settings(), 0);
    await project({ ...env, NOTICES: { sendBatch: () => Promise.reject(new Error("the queue is down")) } } as unknown as Env, [refused("me@b.example", AT)], [], AT - HOUR);
    await env.DB.batch([env.DB.prepare("DELETE FROM notices"), env.DB.prepare("UPDATE alerts SET told = 0, told_at = NULL")]);
    const made = await Promise.all(Array.from({ length: 5 }, () => raiseNotices(env, "l1", AT)));
    expect(made.flat()).toHaveLength(1);
    await Promise.all(Array.from({ length: 5 }, () => sendDueNotices(env, AT, forever, enqueue)));
    expect(received).toHaveLength(1);
  });
});

describe("a webhook", () => {
  const raise = async () => {
    await project(env, [refused('"<b>" <me@b.example>', AT)], [], AT);
    return AT + MINUTE;
  };

  test("is signed over its id, the moment and the body", async () => {
    const { secret = "" } = await saveAlertSettings(env, "l1", settings(), 0);
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    await cron(await raise());
    const [{ headers, body } = {} as Received] = received;
    expect(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(10);
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const mac = createHmac("sha256", key).update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`).digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${mac}`);
    expect(headers["content-type"]).toBe("application/json");
    expect(JSON.parse(body)).toEqual({
      id: headers["webhook-id"],
      kind: "alerts",
      list: { id: "l1", name: "Größe" },
      alerts: [
        expect.objectContaining({ action: "block", reason: "not-listed", place: "b.example", user: "s1", count: 1, newCount: 1, firstAt: new Date(AT).toISOString() }),
      ],
      more: 0,
    });
    expect(body).not.toMatch(/\\u0007|[\u0000-\u001f]/);
  });

  test("that fails is tried again with growing pauses, under the same id, and given up after a day", async () => {
    answer = () => ({ status: 500 });
    await saveAlertSettings(env, "l1", settings(), 0);
    const start = await raise();
    for (let minute = 0; minute < 60 * 30; minute += 30) await sendDueNotices(env, start + minute * MINUTE, forever, enqueue);
    expect(received).toHaveLength(8);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(await rows("SELECT state, result FROM notices")).toEqual([{ state: "failed", result: "500" }]);
    // Nothing of the answer is anywhere.
    expect(JSON.stringify(await rows("SELECT * FROM notices"))).not.toContain("the answer");
  });

  test("that recovers is told what it missed", async () => {
    answer = () => ({ status: received.length < 2 ? 503 : 200 });
    await saveAlertSettings(env, "l1", settings(), 0);
    const start = await raise();
    for (let minute = 0; minute < 20; minute += 1) await sendDueNotices(env, start + minute * MINUTE, forever, enqueue);
    expect(received).toHaveLength(2);
    expect((await alertSettings(env, "l1")).settings.lastNotices).toMatchObject([{ channel: "webhook", state: "sent", result: "200" }]);
  });

  test("that fails holds up no other, is tried by one notice at a time, and gets the rest when it is back", async () => {
    answer = (path) => ({ status: path === "/hook" ? 500 : 204 });
    await saveAlertSettings(env, "l1", settings(), 0);
    await env.DB.prepare("INSERT INTO lists (id, name, created_at) VALUES ('l2', 'Other', 0)").run();
    await saveAlertSettings(env, "l2", settings({ webhook: { url: `${hook}2`, newSecret: false } }), 0);
    const payload = JSON.stringify({ kind: "alerts", alerts: [], more: 0 });
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO notices (id, list_id, channel, payload, created_at, next_at)
         SELECT 'n' || value, 'l1', 'webhook', ?1, ?2, ?2 FROM json_each(?3)`,
      ).bind(payload, AT, JSON.stringify(Array.from({ length: 100 }, (_, index) => index))),
      env.DB.prepare("INSERT INTO alert_channels (list_id, channel, next_at) VALUES ('l1', 'webhook', ?)").bind(AT),
    ]);
    await project(env, [{ ...refused("me@b.example", AT), listId: "l2" }], [], AT);
    const paths = () => received.splice(0).map(({ path }) => path).sort();
    await sendDueNotices(env, AT, forever, enqueue);
    expect(paths()).toEqual(["/hook", "/hook2"]);
    // The pauses of the channel: 1, 5, 15 minutes, then an hour again and again.
    const tried: number[] = [];
    for (const minute of [1, 2, 5, 6, 7, 20, 21, 22, 80, 81, 82, 140, 141, 142]) {
      await sendDueNotices(env, AT + minute * MINUTE, forever, enqueue);
      if (paths().length > 0) tried.push(minute);
    }
    expect(tried).toEqual([1, 6, 21, 81, 141]);
    // A new one does not end the pause, a test that arrives does.
    await project(env, [refused("me@c.example", AT)], [], AT + 143 * MINUTE);
    for (const notice of jobs.splice(0)) await sendNotice(env, notice, AT + 143 * MINUTE, enqueue);
    expect(paths()).toEqual([]);
    answer = () => ({ status: 204 });
    const [{ id } = { id: "" }] = await raiseTestNotices(env, "l1", AT + 144 * MINUTE);
    expect((await sendNotice(env, id, AT + 144 * MINUTE, enqueue))?.outcome).toBe("sent");
    await sendDueNotices(env, AT + 145 * MINUTE, forever, enqueue);
    expect(paths()).toHaveLength(102);
    expect(await rows("SELECT DISTINCT state FROM notices")).toEqual([{ state: "sent" }]);
  });

  test("whose turn ends in a fault of ours is logged and counted, and the others have theirs", async () => {
    await saveAlertSettings(env, "l1", settings(), 0);
    await env.DB.prepare("INSERT INTO lists (id, name, created_at) VALUES ('l0', 'Other', 0)").run();
    await saveAlertSettings(env, "l0", settings(), 0);
    await project(env, [{ ...refused("me@b.example", AT), listId: "l0" }, refused("me@b.example", AT)], [], AT);
    await env.DB.prepare("CREATE TRIGGER fault BEFORE UPDATE ON notices WHEN OLD.list_id = 'l0' BEGIN SELECT RAISE(ABORT, 'a fault'); END").run();
    try {
      await expect(sendDueNotices(env, AT, forever, enqueue)).rejects.toThrow("1 channels of alerts could not be looked after");
    } finally {
      await env.DB.prepare("DROP TRIGGER fault").run();
    }
    expect(bodies()).toMatchObject([{ list: { id: "l1" } }]);
  });

  test("is not followed elsewhere", async () => {
    answer = () => ({ status: 307, headers: { location: hook.replace("/hook", "/elsewhere") } });
    await saveAlertSettings(env, "l1", settings(), 0);
    await cron(await raise());
    expect(received.map(({ path }) => path)).toEqual(["/hook"]);
    expect(await rows("SELECT state, result FROM notices")).toEqual([{ state: "waiting", result: "307" }]);
  });

  test("that does not answer is left after ten seconds", async () => {
    answer = () => ({ status: 0, never: true });
    await saveAlertSettings(env, "l1", settings(), 0);
    const due = await raise();
    const begun = performance.now();
    await cron(due);
    expect(performance.now() - begun).toBeGreaterThan(9_000);
    expect(performance.now() - begun).toBeLessThan(13_000);
    expect(await rows("SELECT state, result FROM notices")).toEqual([{ state: "waiting", result: "timed out after 10 s" }]);
  });

  test("keeps its secret until another is asked for, and shows it once", async () => {
    const first = await saveAlertSettings(env, "l1", settings(), 0);
    expect(await saveAlertSettings(env, "l1", settings(), 1)).toEqual({ saved: true });
    expect(await saveAlertSettings(env, "l1", settings(), 1)).toEqual({ saved: false });
    const other = await saveAlertSettings(env, "l1", settings({ webhook: { url: hook, newSecret: true } }), 2);
    expect(other).toEqual({ saved: true, secret: expect.stringMatching(/^whsec_/) });
    expect(other.secret).not.toBe(first.secret);
    const shown = await alertSettings(env, "l1");
    expect(shown).toEqual({ version: 3, settings: { actions: ["send-and-alert", "block"], addresses: [], webhook: { url: hook }, digestMinutes: 0, lastNotices: [] } });
  });

  test("that is saved too late silences nothing and ends no pause", async () => {
    // While the name of this one is looked up, somebody else saves, something is raised, and the channel fails.
    const meanwhile = async () => {
      await saveAlertSettings(env, "l1", settings({ digestMinutes: 30 }), 0);
      await project(env, [refused("me@b.example", AT)], [], AT);
      await env.DB.prepare("INSERT INTO alert_channels (list_id, channel, failures, next_at) VALUES ('l1', 'webhook', 2, ?)").bind(AT + HOUR).run();
    };
    let once: Promise<void> | undefined;
    const resolver = createServer(async (_, response) => {
      await (once ??= meanwhile());
      response.end(JSON.stringify({ Answer: [{ type: 1, data: "1.1.1.1" }] }));
    });
    await new Promise<void>((resolve) => resolver.listen(0, "127.0.0.1", resolve));
    try {
      const slow = { ...env, DNS_RESOLVER: `http://127.0.0.1:${(resolver.address() as AddressInfo).port}/dns-query` } as Env;
      const late = settings({ webhook: { url: "https://hooks.yourcompany.example/", newSecret: false } });
      expect(await saveAlertSettings(slow, "l1", late, 0)).toEqual({ saved: false });
    } finally {
      await new Promise((resolve) => resolver.close(resolve));
    }
    expect(once).toBeDefined();
    expect(await rows("SELECT told, count FROM alerts")).toEqual([{ told: 0, count: 1 }]);
    expect(await rows("SELECT failures, next_at FROM alert_channels")).toEqual([{ failures: 2, next_at: AT + HOUR }]);
    expect(await rows("SELECT webhook_url FROM alert_settings")).toEqual([{ webhook_url: hook }]);
  });

  test("to a private address is refused when it is saved, and so is what is no address", async () => {
    const production = { ...env, DEVELOPMENT: "" } as Env;
    await expect(saveAlertSettings(production, "l1", settings(), 0)).rejects.toMatchObject({ status: 422, code: "invalid-request" });
    await expect(saveAlertSettings(env, "l1", settings({ addresses: ["a@b.example; c@d.example"] }), 0)).rejects.toMatchObject({ status: 422 });
    await expect(saveAlertSettings(env, "l1", settings({ addresses: ["a@b.example\r\nBcc: x@y.example"] }), 0)).rejects.toMatchObject({ status: 422 });
    // An entry of the list of senders, and no mailbox.
    await expect(saveAlertSettings(env, "l1", settings({ addresses: ["ops+*@b.example"] }), 0)).rejects.toMatchObject({ status: 422 });
    expect(await rows("SELECT * FROM alert_settings")).toEqual([]);
  });
});

describe("a mail", () => {
  test("comes from nobody, says so, and holds nothing of the message that is not text", async () => {
    await saveAlertSettings(env, "l1", settings({ webhook: null, addresses: ["ops@a.example", "dev@bücher.example"] }), 0);
    const from = "=?utf-8?q?x=0D=0ABcc:_a=40b?= <me@b.example>";
    await project(env, [refused(from, AT), refused("a@\u202eb.example, b@c`.example", AT)], [], AT);
    await cron(AT + MINUTE);
    expect(mails).toHaveLength(1);
    const [{ raw, ...mail } = {} as Own] = mails;
    expect(mail).toMatchObject({ listId: "l1", mailFrom: null, recipients: ["ops@a.example", "dev@xn--bcher-kva.example"], level: 3 });
    const text = new TextDecoder().decode(raw);
    expect(text).toMatch(/^[\r\n\x20-\x7e]+$/);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    const [header = "", body = ""] = text.split("\r\n\r\n");
    expect(header).toMatch(/^From: <alerts@gate\.test>\r\nTo: <ops@a\.example>,\r\n <dev@xn--bcher-kva\.example>\r\nSubject: =\?utf-8\?B\?/);
    expect(header).toContain("\r\nAuto-Submitted: auto-generated\r\n");
    expect(header).toMatch(/\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n/);
    for (const line of text.split("\r\n")) expect(line.length).toBeLessThanOrEqual(78);
    const said = Buffer.from(body, "base64").toString();
    expect(said).toContain("Not sent: 1 message of the user `s1`: encoded-control, `b.example`");
    expect(said.replaceAll("\r\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
