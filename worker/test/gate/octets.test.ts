import { readFile, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gate, freshGate } from "../gate.ts";
import { type Account, account, arrived, envelope, note, send, withoutCompletion, withoutTrace } from "../sending.ts";

const LEGITIMATE = fileURLToPath(new URL("../../../tests/data/legitimate/", import.meta.url));

let gate: Gate;
let anybody: Account;
beforeAll(async () => {
  gate = await freshGate();
  anybody = await account(gate, { domains: "" });
});
afterAll(() => gate.remove());

const query = envelope("info@allowed.example", "you@there.example");
const octets = (text: string) => Buffer.from(text, "latin1");
const crlf = (message: Buffer) => octets(message.toString("latin1").replaceAll(/\r?\n/g, "\r\n"));

/** What arrives of `body` behind the trace field, without the `Date` and the `Message-ID` that it was given. */
async function through(body: Uint8Array, who = anybody): Promise<Buffer> {
  const answer = await send(gate, who, body, {}, query);
  if (answer.status !== 202) throw new Error(answer.text);
  return withoutCompletion(withoutTrace(await arrived(gate, answer.id)).message, body, answer.id);
}

/** `message` without the fields that no message keeps; all of it but its header section is left alone. */
function submitted(message: Buffer): Buffer {
  const text = message.toString("latin1");
  const end = /\r\n\r\n/.exec(text)?.index ?? text.length;
  return octets(text.slice(0, end + 2).replaceAll(/^(?:Return-Path|(?:Resent-)?Bcc)[ \t]*:(?:[^\r\n]|\r\n[ \t])*\r\n/gim, "") + text.slice(end + 2));
}

test("mail by real programs arrives octet for octet, but for what every submission agent takes out", async () => {
  const names = (await readdir(LEGITIMATE)).filter((name) => name.endsWith(".eml"));
  expect(names.length).toBeGreaterThan(100);
  const failed: string[] = [];
  const refused: string[] = [];
  // A few at a time, as clients would.
  for (let from = 0; from < names.length; from += 10) {
    await Promise.all(
      names.slice(from, from + 10).map(async (name) => {
        const body = await readFile(LEGITIMATE + name);
        const all = body.toString("latin1");
        if (all.replaceAll("\r\n", "").includes("\n") && all.includes("\r\n")) {
          const answer = await send(gate, anybody, body, {}, query);
          if (answer.status === 422 && answer.decision.reason === "malformed-line-endings") refused.push(name);
          return;
        }
        // Some programs write to a pipe, with the line ends of their system.
        const wanted = all.includes("\r\n") ? body : crlf(body);
        if (!(await through(body)).equals(submitted(wanted))) failed.push(name);
      }),
    );
  }
  expect(failed).toEqual([]);
  // One program passes on the LF of a text it was given, in the midst of CRLF: it is told so.
  expect(refused.sort()).toEqual(["emailjs-name.eml", "emailjs-priority.eml", "emailjs-utf8name.eml"]);
});

const head = "From: <info@allowed.example>\r\nSubject: =?utf-8?q?=C3=A4?=\r\n";
test.each([
  ["8-bit text and every octet but NUL, CR and LF", octets(`${head}\r\n${String.fromCharCode(...Array.from({ length: 255 }, (_, i) => i + 1).filter((i) => i !== 10 && i !== 13))}\r\n`)],
  ["raw 8-bit in the header section", octets(`${head}X: \xe4\xf6\r\n\r\n`)],
  ["long lines", octets(`${head}\r\n${"x".repeat(200_000)}\r\n`)],
  ["lines of dots", octets(`${head}\r\n.\r\n..\r\n.x\r\n\r\n.\r\n`)],
  ["no line end at the end", octets(`${head}\r\nno line end`)],
  ["white space at line ends", octets(`${head}\r\na \r\n \t\r\nb\t\r\n`)],
  ["odd folding and case", octets(`from:<info@allowed.example>\r\nX-A:\r\n\tb\r\n  c\r\nsUBJECT :x\r\n\r\n`)],
  ["a header section and nothing else", octets(head)],
  ["an empty body", octets(`${head}\r\n`)],
])("octet for octet: %s", async (_, body) => {
  expect((await through(body)).toString("latin1")).toBe(body.toString("latin1"));
});

test("a last line without its end is ended before other lines come", async () => {
  expect((await through(octets("From: info@allowed.example"))).toString("latin1")).toBe("From: info@allowed.example\r\n");
});

test("what a submission agent completes: nothing of blind recipients goes out, and nothing that claims to be ours", async () => {
  const host = /by (\S+) id/.exec(withoutTrace(await arrived(gate, (await send(gate, anybody, octets(head), {}, query)).id)).trace)?.[1] ?? "";
  expect(host).not.toBe("");
  const gone = [
    "Return-Path: <b@allowed.example>", "Bcc: secret@there.example,\r\n\tanother@there.example", "bcc : secret@there.example", "RESENT-BCC:",
    `Authentication-Results: ${host}; spf=pass`, `Authentication-Results: (x) "${host.toUpperCase()}" 1;\r\n spf=pass`,
  ];
  const kept = ["Authentication-Results: mx.other.example; none", "X-Bcc: no", "Date: Mon, 23 Nov 2026 10:00:00 +0100", "Message-Id : <x@allowed.example>"];
  const lines = (all: string[]) => all.map((line) => `${line}\r\n`).join("");
  const body = "\r\nBcc: this is text\r\n";
  const from = "From: Company, Inc. <info@allowed.example>\r\n";
  for (const end of ["\r\n", "\n"]) {
    const text = (lines(gone.slice(0, 3)) + from + lines(kept) + lines(gone.slice(3)) + body).replaceAll("\r\n", end);
    expect((await through(octets(text))).toString("latin1")).toBe(`From: "Company, Inc." <info@allowed.example>\r\n${lines(kept)}${body}`);
  }
});

test("a message goes out with a Date and a Message-ID, and keeps those that it has", async () => {
  const answer = await send(gate, anybody, octets(`${head}\r\n`), {}, query);
  const before = Date.now();
  const text = (await arrived(gate, answer.id)).toString("latin1");
  const [, date = "", id = ""] = /\r\nDate: (.*)\r\nMessage-ID: <(.*)>\r\n\r\n$/.exec(text) ?? [];
  expect(id.startsWith(`${answer.id}@`)).toBe(true);
  expect(Math.abs(Date.parse(date) - before)).toBeLessThan(30_000);
});

test("line ends that fall between two chunks stay what they are; an all-LF message is sent with CRLF", async () => {
  // 65,536 octets are read at once: line ends at every place around that.
  for (const shift of [-2, -1, 0, 1, 2]) {
    const body = `${head}\r\n`;
    const text = `${body}${"x".repeat(131_072 + shift - body.length)}\r\n${"y\r\n".repeat(50_000)}`;
    expect((await through(octets(text))).equals(octets(text))).toBe(true);
    const lf = octets(text.replaceAll("\r\n", "\n"));
    expect((await through(lf)).equals(octets(text))).toBe(true);
  }
});

test("chunks as a client sends them, one octet at a time too", async () => {
  const text = octets(`${head}\r\nä\r\n.\r\n`);
  const single = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (const octet of text) {
        controller.enqueue(Uint8Array.of(octet));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      controller.close();
    },
  });
  const answer = await send(gate, anybody, single, {}, query);
  const got = withoutTrace(await arrived(gate, answer.id)).message;
  expect(withoutCompletion(got, text, answer.id).equals(text)).toBe(true);
});

test("priority fields are written where the cap lowered the level, and where the list says so; nothing else changes", async () => {
  const capped = await account(gate, { domains: "" }, { maxPriority: 3 });
  const fields = "X-Priority: 1 (Highest)\r\nX-A: b\r\nPRIORITY: urgent\r\nMT-Priority: 5\r\nImportance:\r\n high\r\nX-MSMail-Priority: High\r\nX-B: c\r\n";
  const lowered = "X-A: b\r\nX-B: c\r\nX-Priority: 3 (Normal)\r\nImportance: normal\r\nX-MSMail-Priority: Normal\r\n";
  const body = "\r\nX-Priority: 1\r\n\r\n.\r\n";
  const got = (await through(octets(head + fields + body), capped)).toString("latin1");
  expect(got).toBe(head + lowered + body);
  expect((await through(octets((head + fields + body).replaceAll("\r\n", "\n")), capped)).toString("latin1")).toBe(head + lowered + body);
  // Within the cap it is left alone.
  const low = `${head}X-Priority: 5\r\n${body}`;
  expect((await through(octets(low), capped)).toString("latin1")).toBe(low);
  const stamping = await account(gate, { domains: "", priority: 4 }, { stampPriority: true });
  expect((await through(octets(head + body), stamping)).toString("latin1")).toBe(
    `${head}X-Priority: 4 (Low)\r\nImportance: low\r\nX-MSMail-Priority: Low\r\n${body}`,
  );
  expect((await through(octets("From: info@allowed.example"), stamping)).toString("latin1")).toMatch(/^From: info@allowed\.example\r\nX-Priority: 4 .*\r\n$/s);
  const answer = await send(gate, capped, octets(head + fields + body), {}, query);
  await arrived(gate, answer.id);
  expect(answer.decision.priority).toMatchObject({ effective: 3, capped: true });
  expect(await note(gate, answer.id)).toMatchObject({ mtPriority: 0 });
});

test("a message of several parts, of any size about their border, arrives whole", async () => {
  const part = 5 * 1024 * 1024;
  for (const size of [part - 300, part - 1, part, part + 1, 2 * part, 2 * part + 70_000]) {
    const start = octets(`${head}\r\n`);
    const body = Buffer.alloc(size, `${"0123456789abcdef".repeat(4)}0123456789abcd\r\n`);
    start.copy(body);
    octets("xxx\r\n").copy(body, size - 5);
    expect((await through(body)).equals(body), `${size} octets`).toBe(true);
  }
});
