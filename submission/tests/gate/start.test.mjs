// `cargo xtask start`: gate and door begin, serve and end together.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PROGRAM } from "./door.mjs";
import { Smtp } from "./smtp.mjs";

const SERVE = fileURLToPath(new URL("../../../worker/local/serve.mjs", import.meta.url));
const ADMIN_TOKEN = "the-administrator-of-the-tests";
/** As its documentation shows it, with a certificate that is checked. */
const SMTPLIB = `
import smtplib, ssl, sys
from email.message import EmailMessage
from email.utils import localtime, make_msgid
port, cert, user, password = sys.argv[1:]
message = EmailMessage()
message["From"], message["To"], message["Subject"] = "Shop <info@shop.example>", "you@there.example", "Through the door"
message["Date"], message["Message-ID"] = localtime(), make_msgid(domain="shop.example")
message.set_content("It is on its way.")
with smtplib.SMTP("127.0.0.1", int(port)) as server:
    server.starttls(context=ssl.create_default_context(cafile=cert))
    server.login(user, password)
    server.send_message(message)
    print(message.as_string())
`;

let data;
const started = [];
before(async () => {
  data = await mkdtemp(join(tmpdir(), "sendergate-start-"));
});
after(async () => {
  for (const { child, ended } of started) {
    child.kill("SIGTERM");
    await ended;
  }
  await rm(data, { recursive: true, force: true });
});

/** Runs it until it prints `ready smtp` or says that there is no door, or ends. */
async function start(...options) {
  const child = spawn(process.execPath, [SERVE, "--port", "0", "--data", data, ...options], {
    env: { ...process.env, SENDERGATE_SUBMISSION: PROGRAM },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines = [];
  // Not `close`: it waits for everybody who may write there.
  const ended = once(child, "exit");
  started.push({ child, ended });
  const settled = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        if (/^ready smtp|^no SMTP door/.test(line)) resolve();
      });
    }
  });
  await Promise.race([settled, ended]);
  const said = (pattern) => lines.map((line) => pattern.exec(line)).find((found) => found !== null)?.[1];
  return {
    lines,
    ended,
    url: said(/^ready (http:.*)$/),
    door: said(/^ready (smtp:.*)$/),
    async end(signal) {
      child.kill(signal);
      return (await ended)[0];
    },
  };
}

async function admin(url, method, path, body) {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
}

async function listens({ door }) {
  return Smtp.open(door).then(
    (client) => (client.close(), true),
    () => false,
  );
}

test("a message of Python's smtplib arrives; both end together; the next start needs no admin token", async () => {
  const first = await start("--smtp-port", "0", "--admin-token", ADMIN_TOKEN);
  assert.ok(first.url && first.door, first.lines.join("\n"));
  const [gateLine, doorLine] = first.lines.filter((line) => line.startsWith("ready "));
  assert.deepEqual([gateLine, doorLine], [`ready ${first.url}`, `ready ${first.door}`]);

  const { id } = await admin(first.url, "POST", "/api/lists", { name: "strict", onUnauthorized: "block" });
  const user = await admin(first.url, "POST", `/api/lists/${id}/users`, { domains: "shop.example" });
  const { port } = new URL(first.door);
  assert.deepEqual((await admin(first.url, "GET", `/api/lists/${id}/connection`)).servers, [{ host: "127.0.0.1", port: Number(port), encryption: "starttls" }]);

  const send = (sender, its) =>
    promisify(execFile)("python3", ["-c", SMTPLIB.replace("info@shop.example", sender), port, join(data, "door/cert.pem"), its.username, its.password]);
  const { stdout } = await send("info@shop.example", user);
  const refused = await send("info@other.example", user).catch((error) => error);
  assert.match(refused.stderr, /SMTPSenderRefused: \(550, b'5\.7\.1 sender refused: /);
  const messages = async () => (await admin(first.url, "GET", `/api/lists/${id}/messages`)).items;
  let sent;
  for (let turn = 0; turn < 100 && sent?.state !== "delivered"; turn += 1) {
    sent = (await messages()).find(({ state }) => state !== "blocked");
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.equal(sent?.state, "delivered");
  const arrived = (await readFile(join(data, "sent", `${sent.id}.eml`), "utf8")).replaceAll("\r\n", "\n");
  assert.ok(arrived.endsWith(stdout.trimEnd() + "\n"), arrived);

  const file = join(data, "door/token");
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const token = await readFile(file, "utf8");
  assert.equal(await first.end("SIGINT"), 0);
  assert.equal(await listens(first), false);

  const second = await start("--smtp-port", "0");
  assert.ok(second.door, second.lines.join("\n"));
  assert.equal(await readFile(file, "utf8"), token, "made once");
  const client = await Smtp.open(second.door);
  assert.match(await client.login(user), /^235 /);
  client.close();
  await admin(second.url, "DELETE", `/api/service-tokens/${token.split("_")[1]}`);
  assert.equal(await second.end("SIGTERM"), 0);
  assert.equal(await listens(second), false);

  // A token that was revoked is made anew: the door of this machine is of no use without.
  const third = await start("--smtp-port", "0");
  assert.notEqual(await readFile(file, "utf8"), token);
  const again = await Smtp.open(third.door);
  assert.match(await again.login(user), /^235 /);
  again.close();
  // Without its door the gate does not go on as if nothing had happened.
  process.kill(Number((await promisify(execFile)("pgrep", ["-f", `^${PROGRAM} --gate ${third.url} `])).stdout), "SIGKILL");
  assert.equal((await third.ended)[0], 1);
  assert.match(third.lines.join("\n"), /^error: the SMTP door has ended \(SIGKILL\); the gate ends too$/m);
});

test("a port that others have: the default one leaves the gate without a door, one that was asked for is an error", async () => {
  const other = createServer().listen(2587, "127.0.0.1");
  // Whoever has it already serves this test as well.
  await Promise.race([once(other, "listening"), once(other, "error")]);
  try {
    const without = await start();
    assert.ok(without.url && without.door === undefined);
    assert.ok(without.lines.includes("no SMTP door: port 2587 is taken by another program; choose one by --smtp-port (0: any free port)"));
    const [{ id }] = (await admin(without.url, "GET", "/api/lists")).items;
    assert.deepEqual((await admin(without.url, "GET", `/api/lists/${id}/connection`)).servers, []);
    await without.end("SIGTERM");
    const asked = await start("--smtp-port", "2587");
    assert.equal((await asked.ended)[0], 1);
    assert.equal(asked.lines.at(-1), "error: no SMTP door: port 2587 is taken by another program; choose one by --smtp-port (0: any free port)");
  } finally {
    other.close();
  }
  const none = await start("--smtp-port", "none");
  assert.ok(none.url && none.lines.includes("no SMTP door: --smtp-port none"));
  await none.end("SIGTERM");
  const wrong = await start("--smtp-port", "2587a");
  assert.equal((await wrong.ended)[0], 64);
  assert.deepEqual(wrong.lines, ["error: --smtp-port wants a number from 0 to 65535, or none, not `2587a`"]);
});
