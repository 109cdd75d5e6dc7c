// `sendergate probe`: the way of a mail program to its server, step by step, without a message.

import { readFileSync } from "node:fs";
import { UsageError } from "./arguments.js";
import { visible } from "./cells.js";
import { readPassword, readText } from "./input.js";
import { find } from "./replies.js";
import { painter } from "./show.js";
import { LocalFault, SmtpConnection } from "./smtp.js";

const ENTRIES = JSON.parse(readFileSync(new URL("../data/replies.json", import.meta.url), "utf8"));
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

export async function probe({ texts: [address], user, "password-file": file, from, to, ca, timeout = "30", json = false }) {
  const server = readServer(address);
  for (const [name, path] of [["from", from], ["to", to]]) {
    if (path !== undefined && /[\0\r\n<>]/.test(path === "<>" ? "" : path)) throw new UsageError(`\`--${name}\` takes one address, without \`<\` and \`>\``);
  }
  if (!/^\d{1,3}$/.test(timeout) || Number(timeout) < 1) throw new UsageError("`--timeout` takes seconds, from 1 to 999");
  const name = user ?? server.user;
  if (name === undefined && file !== undefined) throw new UsageError("`--password-file` needs a user: --user NAME");
  const given = {
    ...server,
    user: name,
    password: name === undefined ? undefined : await readPassword(file, name),
    ca: ca === undefined ? undefined : await readText(ca, "certificates", 1 << 20),
    from: from === "<>" ? "" : from,
    to,
  };

  const paint = painter(process.stdout);
  const steps = [];
  const show = (step) => {
    steps.push(step);
    if (!json) process.stdout.write(described(step, paint));
  };
  const connection = new SmtpConnection(1000 * Number(timeout));
  try {
    await walk(connection, given, show);
  } finally {
    connection.close();
  }
  const failed = steps.find(({ state }) => state === "failed");
  const advice = failed === undefined ? [] : adviceOn(failed);
  if (json) {
    const { host, port, tls } = given;
    process.stdout.write(`${JSON.stringify({ ok: failed === undefined, server: { host, port, tls }, steps, ...(failed === undefined ? {} : { advice }) }, null, 2)}\n`);
  } else process.stdout.write(conclusion(failed, advice, given, paint));
  return failed === undefined ? 0 : 1;
}

function readServer(address) {
  if (address === undefined) throw new UsageError("`probe` needs a server", "smtp://smtp.example.com:587 with STARTTLS, or smtps://smtp.example.com:465");
  let url;
  try {
    url = new URL(address);
  } catch {}
  if (url === undefined || !["smtp:", "smtps:"].includes(url.protocol) || url.hostname === "" || !["", "/"].includes(url.pathname)) {
    throw new UsageError(`\`${address.replace(/\/\/.*@/, "//…@")}\` is no server`, "Write smtp://smtp.example.com:587 with STARTTLS, or smtps://smtp.example.com:465.");
  }
  if (url.password !== "") {
    throw new UsageError("a password in the address is seen by everybody who lists this machine's programs", "Leave it out: it is asked for, or read from SENDERGATE_PASSWORD or --password-file.");
  }
  const tls = url.protocol === "smtps:";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (tls ? 465 : 587)),
    tls,
    user: url.username === "" ? undefined : decodeURIComponent(url.username),
  };
}

// ── The way ──

/** A step failed: the rest cannot be walked. */
class Stop extends Error {}

async function walk(connection, given, show) {
  const { host, port, tls, user, password, from, to } = given;
  const own = LOOPBACK.test(host);
  /** Runs a step. `work` gives what was said, or a reply that is judged by its first digit. */
  const step = async (name, work) => {
    const began = performance.now();
    const told = (state, by, said) => show({ step: name, state, by, said, milliseconds: Math.round(performance.now() - began) });
    try {
      const result = await work();
      if (typeof result === "string") return told("ok", "this machine", result);
      if (result.code < 400) {
        told("ok", "the server", result.text);
        return result;
      }
      told("failed", "the server", result.text);
    } catch (fault) {
      if (!(fault instanceof LocalFault)) throw fault;
      told("failed", "this machine", fault.message);
    }
    throw new Stop();
  };
  const skip = (name, said) => show({ step: name, state: "skipped", by: "this machine", said, milliseconds: 0 });
  const secure = (name) =>
    step(name, async () => {
      const { text, authorized } = await connection.secure({ host, ca: given.ca, untrusted: own && given.ca === undefined });
      return authorized ? text : `${text}; taken because this is loopback`;
    });
  const hello = () => step("EHLO", () => connection.command(`EHLO ${connection.local}`));
  const offered = (reply) => new Map(reply.lines.slice(1).map((line) => line.toUpperCase().split(" ")).map(([word, ...more]) => [word, more]));

  try {
    await step("connect", () => connection.open({ host, port }));
    if (tls) await secure("TLS");
    await step("greeting", () => connection.reply());
    let extensions = offered(await hello());
    let encrypted = tls;
    if (!tls && extensions.has("STARTTLS")) {
      await step("STARTTLS", () => connection.command("STARTTLS"));
      await secure("TLS");
      encrypted = true;
      extensions = offered(await hello());
    } else if (!tls && !own) {
      await step("STARTTLS", () => Promise.reject(new LocalFault("STARTTLS is not offered: a password would travel in clear text")));
    } else if (!tls) skip("STARTTLS", "not offered; this is loopback");
    if (user === undefined) {
      skip("AUTH", "no --user was given: what follows needs one");
    } else {
      await step("AUTH", () => signIn(connection, extensions.get("AUTH") ?? [], user, password, encrypted));
      const beyond = [from, to].some((path) => path !== undefined && /[^\0-\x7f]/.test(path)) && extensions.has("SMTPUTF8") ? " SMTPUTF8" : "";
      await step("MAIL", () => connection.command(`MAIL FROM:<${from ?? ""}>${beyond}`));
      const recipient = to ?? (from || undefined);
      if (recipient === undefined) skip("RCPT", "no --from and no --to was given");
      else await step("RCPT", () => connection.command(`RCPT TO:<${recipient}>`));
      await step("RSET", () => connection.command("RSET"));
    }
    await step("QUIT", () => connection.command("QUIT"));
  } catch (fault) {
    if (!(fault instanceof Stop)) throw fault;
    // A server that refused still hears that nothing comes.
    await connection.command("QUIT").catch(() => undefined);
  }
}

const base64 = (text) => Buffer.from(text, "utf8").toString("base64");

/** RFC 4616, or what everybody calls LOGIN. */
async function signIn(connection, mechanisms, user, password, encrypted) {
  if (mechanisms.includes("PLAIN")) return await connection.command(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`);
  if (!mechanisms.includes("LOGIN")) {
    const said = mechanisms.length === 0 ? "AUTH is not offered" : `neither PLAIN nor LOGIN is offered, but ${mechanisms.join(" ")}`;
    throw new LocalFault(`${said}: no suitable authentication method${encrypted ? "" : " without encryption"}`);
  }
  for (const line of ["AUTH LOGIN", base64(user)]) {
    const reply = await connection.command(line);
    if (reply.code !== 334) return reply.code < 400 ? { ...reply, code: 500 } : reply;
  }
  return await connection.command(base64(password));
}

// ── In words ──

/** Where a step ends without words that the table knows. */
const OTHERWISE = { connect: "no-connection", TLS: "encryption-mismatch", STARTTLS: "tls-unavailable", AUTH: "wrong-password" };

/** What the table says of a step that failed. */
function adviceOn({ step, by, said }) {
  const found = find(ENTRIES, said).map(({ id }) => id);
  // A server that waits for TLS says nothing, and one of another kind something else.
  if (step === "greeting" && by === "this machine") found.unshift("encryption-mismatch");
  const wanted = new Set(found.length > 0 ? found : [OTHERWISE[step]]);
  return [...wanted].flatMap((id) => ENTRIES.filter((entry) => entry.id === id)).map(({ id, en }) => ({ id, ...en }));
}

const STATES = { ok: ["good", "ok"], failed: ["error", "FAILED"], skipped: ["dim", "skipped"] };

function described({ step, state, by, said, milliseconds }, paint) {
  const [style, word] = STATES[state];
  const lines = said.split("\n").map(visible);
  const more = " ".repeat(19);
  const whose = state === "failed" ? `${by} says: ` : "";
  return `${paint(style, word.padEnd(8))} ${paint("bold", step.padEnd(9))} ${whose}${lines.join(`\n${more}`)} ${paint("dim", `(${milliseconds} ms)`)}\n`;
}

function conclusion(failed, advice, { host, port }, paint) {
  if (failed === undefined) return `\n${paint("good", "Every step went well.")} Nothing was sent.\n`;
  let out = `\n${paint("error", `${failed.step} failed`)} at ${host} port ${port}. Nothing was sent.\n`;
  for (const { title, why, todo } of advice) {
    out += `\n${paint("bold", title)}\n  ${plain(why)}\n${todo.map((line) => `  - ${plain(line)}\n`).join("")}`;
  }
  return out;
}

const plain = (text) => text.replaceAll("`", "");
