/** A client for senders, and ways to find what happened to a message. */
import { request as httpRequest } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Decision } from "sendergate";
import { createList, createUser } from "./api.ts";
import type { Gate } from "./gate.ts";

export interface Account {
  list: string;
  username: string;
  password: string;
  version: number;
}

/** A new list with one user. */
export async function account(gate: Gate, draft: Record<string, unknown> = {}, settings: Record<string, unknown> = {}): Promise<Account> {
  const { id } = await createList(gate, settings);
  const { username, password, version } = await createUser(gate, id, { domains: "allowed.example", ...draft });
  return { list: id, username, password, version };
}

export const basic = (username: string, password: string): string => `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

export interface Answer {
  status: number;
  headers: Headers;
  id: string;
  code: string;
  detail: string;
  parameter?: string;
  decision: Decision;
  reply: { code: number; enhancedCode: string };
  text: string;
}

export async function read(answer: Response): Promise<Answer> {
  const text = await answer.text();
  const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { ...(body as unknown as Answer), status: answer.status, headers: answer.headers, text };
}

export const message = (from = "info@allowed.example", extra = "", body = "Hello.\r\n"): string =>
  `From: <${from}>\r\nTo: <you@there.example>\r\nSubject: Hello\r\n${extra}\r\n${body}`;

export const envelope = (from: string | null, ...to: string[]): string =>
  [...(from === null ? [] : [`from=${encodeURIComponent(from)}`]), ...to.map((one) => `to=${encodeURIComponent(one)}`)].join("&");

export type Body = string | Uint8Array | ReadableStream<Uint8Array>;

/** Sends `body` by POST to a route for senders. */
export async function post(
  gate: Gate,
  { username, password }: Pick<Account, "username" | "password">,
  path: string,
  body?: Body,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return read(
    await fetch(gate.url + path, {
      method: "POST",
      headers: { authorization: basic(username, password), "content-type": "message/rfc822", ...headers },
      ...(body === undefined ? {} : { body, duplex: "half" }),
    } as RequestInit),
  );
}

export const send = (gate: Gate, who: Account, body: Body = message(), headers: Record<string, string> = {}, query = envelope("info@allowed.example", "you@there.example")) =>
  post(gate, who, `/v1/messages?${query}`, body, headers);

export const check = (gate: Gate, who: Account, query: string, body?: Body, headers: Record<string, string> = {}) =>
  post(gate, who, `/v1/messages/check?${query}`, body, headers);

/** The message as the sink received it. */
export async function arrived(gate: Gate, id: string): Promise<Buffer> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await readFile(join(gate.sent, `${id}.eml`));
    } catch (error) {
      if (attempt > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The sink's JSON file: envelope and MT-PRIORITY. */
export const note = async (gate: Gate, id: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(gate.sent, `${id}.json`), "utf8")) as Record<string, unknown>;

/** The ids of all relayed messages. */
export const relayed = async (gate: Gate): Promise<string[]> =>
  (await readdir(gate.sent)).filter((name) => name.endsWith(".eml") && !name.startsWith(".")).map((name) => name.slice(0, -4));

/** A message without the gate's `Received` field. */
export function withoutTrace(octets: Buffer): { trace: string; message: Buffer } {
  const text = octets.toString("latin1");
  const [trace = ""] = /^Received: (?:[^\r\n]|\r\n[ \t])*\r\n/.exec(text) ?? [];
  return { trace, message: octets.subarray(trace.length) };
}

/** The same without `Date` and `Message-ID` if the gate added them to `original`. */
export function withoutCompletion(octets: Buffer, original: Uint8Array, id: string): Buffer {
  const [header = ""] = Buffer.from(original).toString("latin1").split(/\r?\n\r?\n/, 1);
  let text = octets.toString("latin1");
  const take = (name: string, line: RegExp) => {
    if (new RegExp(`^${name}[ \t]*:`, "im").test(header)) return;
    if (text.split(line).length !== 2) throw new Error(`no ${name}, or several, in ${text.slice(0, 4_000)}`);
    text = text.replace(line, "");
  };
  take("Message-ID", new RegExp(`^Message-ID: <${id}@[\\w.-]+>\r\n`, "m"));
  take("Date", /^Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000\r\n/m);
  return Buffer.from(text, "latin1");
}

/** A raw request, for what no HTTP client would send. `write` gets the open request. */
export function raw(gate: Gate, path: string, headers: Record<string, string>): ReturnType<typeof httpRequest> {
  return httpRequest(gate.url + path, { method: "POST", headers });
}

/** The status for a client that has sent only `begun` of its body. */
export function statusOf(gate: Gate, path: string, headers: Record<string, string>, begun: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = raw(gate, path, headers);
    request.on("response", (response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    request.on("error", reject);
    request.write(begun);
  });
}
