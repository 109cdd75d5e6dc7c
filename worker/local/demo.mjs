/** `cargo xtask demo`: sends real messages through a running gate, and shows what happened to each. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import nodemailer from "nodemailer";
import { gateTransport } from "./transport.mjs";

const HELP = `cargo xtask demo [--url http://127.0.0.1:8787] [--data DIR] [--admin-token TOKEN]

  Start the gate first, in another terminal: cargo xtask start

  --url URL              where it listens
  --data DIR             its folder, to show what arrived (default: .sendergate)
  --admin-token TOKEN    the administrator's token; SENDERGATE_ADMIN_TOKEN in the environment goes before
`;

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:8787" },
    data: { type: "string", default: ".sendergate" },
    "admin-token": { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const token = process.env.SENDERGATE_ADMIN_TOKEN || values["admin-token"];
if (token === undefined) {
  console.error("error: --admin-token is missing: the first `cargo xtask start` printed it; `--admin-token` there sets another");
  process.exit(64);
}

async function admin(method, path, body) {
  const answer = await fetch(new URL(path, values.url), {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error) => {
    throw new Error(`no gate answers at ${values.url} (${error.cause?.code ?? error.message}); start one: cargo xtask start`);
  });
  const given = await answer.json();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${given.detail}`);
  return given;
}

/** A list with one user who may send as shop.example. */
async function account(name, onUnauthorized) {
  const list = await admin("POST", "/api/lists", { name, onUnauthorized });
  const user = await admin("POST", `/api/lists/${list.id}/users`, {
    domains: "shop.example",
    senders: "ann@partner.example",
    note: "made by cargo xtask demo",
  });
  const mailer = nodemailer.createTransport(gateTransport({ url: values.url, username: user.username, password: user.password }));
  return { list, user, mailer };
}

const MESSAGES = [
  { what: "allowed", list: "strict", expect: "send", mail: { from: "Shop <info@shop.example>", subject: "Your order" } },
  { what: "urgent", list: "strict", expect: "send", mail: { from: "info@shop.example", subject: "The alarm rings", priority: "high" } },
  { what: "alerted", list: "lenient", expect: "send-and-alert", mail: { from: "ann@other.example", subject: "From elsewhere" } },
  { what: "blocked", list: "strict", expect: "block", mail: { from: "news@shop.exemple", subject: "A typo in the domain" } },
  {
    what: "spoofed",
    list: "strict",
    expect: "block",
    // The envelope is authorized, and the From field is not.
    mail: { from: "Your bank <service@bank.example>", envelope: { from: "info@shop.example", to: "you@there.example" }, subject: "Your account" },
  },
];

async function send({ mailer }, { mail }) {
  try {
    return await mailer.sendMail({ to: "you@there.example", text: "Sent by cargo xtask demo.\n", ...mail });
  } catch (error) {
    if (error.problem?.decision === undefined) throw error;
    return { status: error.status, id: error.problem.id, decision: error.problem.decision };
  }
}

/** The log's row, as soon as the message is delivered or refused. */
async function settled(list, id) {
  for (let turn = 0; turn < 150; turn += 1) {
    // The row appears shortly after the answer.
    const message = await admin("GET", `/api/lists/${list.id}/messages/${id}`).catch(() => undefined);
    if (message !== undefined && !["queued", "deferred"].includes(message.state)) return message;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`nothing became of the message ${id} within 30 seconds`);
}

async function show(account, message, wrong) {
  const { status, id, decision } = await send(account, message);
  const { state } = await settled(account.list, id);
  const { action, verdict, reason, findings, priority } = decision;
  console.log(`\n${message.what.padEnd(8)} ${message.mail.subject}`);
  console.log(`  answer     ${status}, ${action}: ${verdict}, ${reason}; priority ${priority.effective}`);
  for (const finding of findings) {
    const near = finding.nearMiss === undefined ? "" : `; nearly ${finding.nearMiss.entry} (${finding.nearMiss.how})`;
    console.log(`  ${finding.identity.padEnd(11)}${finding.address ?? "<>"}: ${finding.verdict}, ${finding.reason}${near}`);
  }
  const file = resolve(values.data, "sent", `${id}.eml`);
  console.log(`  became     ${state}${existsSync(file) ? `: ${file}` : ""}`);
  if (existsSync(file)) {
    const { mtPriority } = JSON.parse(await readFile(join(values.data, "sent", `${id}.json`), "utf8"));
    const received = (await readFile(file, "latin1")).split("\r\n").slice(0, 2).join(" ").replace(/\s+/g, " ");
    console.log(`             ${received.slice(0, 100)}…, MT-PRIORITY ${mtPriority ?? 0}`);
  }
  if (action !== message.expect) wrong.push(`${message.what}: ${action} instead of ${message.expect}`);
  if (state !== (action === "block" ? "blocked" : "delivered")) wrong.push(`${message.what}: ${state}`);
}

try {
  const accounts = { strict: await account("Demo: blocks", "block"), lenient: await account("Demo: alerts only", "alert") };
  for (const { list, user } of Object.values(accounts)) {
    console.log(`list ${list.id} "${list.name}" with the user ${user.username}, who may send as ${user.domains} and ${user.senders}`);
  }
  const wrong = [];
  for (const message of MESSAGES) await show(accounts[message.list], message, wrong);

  console.log("\nalerts");
  for (const { list } of Object.values(accounts)) {
    const { items } = await admin("GET", `/api/lists/${list.id}/alerts`);
    for (const { count, summary } of items.reverse()) console.log(`  ${list.name}: ${count} × ${summary}`);
  }
  if (wrong.length > 0) throw new Error(`not as expected: ${wrong.join("; ")}`);
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exit(1);
}
