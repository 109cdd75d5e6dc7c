// Programs that nobody here wrote send through the door: node submission/tests/programs/run.mjs. `cargo xtask wild` runs it.
// It says which program it skipped because it is not installed, and which case because the program cannot do it.

import { spawn, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gateWith, removePrepared, startDoor } from "../gate/door.mjs";
import { CASES } from "./cases.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PHPMAILER = "/usr/share/php/libphp-phpmailer/autoload.php";
const nodemailer = createRequire(new URL("../../../worker/package.json", import.meta.url))("nodemailer");

/** Runs a program to its end: whether it is content, and what it says. */
const output = (command, words, { input, env = {} } = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, words, { env: { ...process.env, ...env }, timeout: 60_000 });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (said += piece));
    child.stdin.on("error", () => undefined).end(input);
    child.on("error", (error) => resolve({ good: false, said: error.message }));
    child.on("close", (code) => resolve({ good: code === 0, said }));
  });
const works = (command, ...words) => spawnSync(command, words, { stdio: "ignore" }).status === 0;
const script = (command, name) => ({ port, encryption, ca, user, from, file, to }) =>
  output(command, [join(HERE, name), String(port), encryption, ca, user.username, user.password, from, file, ...to]);

/** `adds`: what a program itself writes behind a message before it leaves. */
const PROGRAMS = {
  "Python smtplib": { there: () => works("python3", "-c", "import smtplib"), send: script("python3", "send.py") },
  nodemailer: {
    there: () => true,
    async send({ port, encryption, ca, user, from, file, to }) {
      const auth = { user: user.username, pass: user.password };
      const tls = { ca: await readFile(ca), servername: "localhost" };
      const mailer = nodemailer.createTransport({ host: "127.0.0.1", port, secure: encryption === "tls", requireTLS: true, auth, tls });
      return mailer.sendMail({ envelope: { from, to }, raw: await readFile(file) }).then(
        ({ response }) => ({ good: true, said: response }),
        (error) => ({ good: false, said: error.message }),
      );
    },
  },
  curl: {
    there: () => works("curl", "--version"),
    // It writes the domain of the reverse-path in A-labels.
    writes: (from) => from.replace("b\u00fccher.example", "xn--bcher-kva.example"),
    send: ({ port, encryption, ca, user, from, file, to }) =>
      output(
        "curl",
        [
          ...["--silent", "--show-error", "--verbose", "--url", `${encryption === "tls" ? "smtps" : "smtp"}://localhost:${port}`],
          ...["--ssl-reqd", "--cacert", ca, "--user", `${user.username}:${user.password}`, "--mail-from", from, "--upload-file", file],
          ...to.flatMap((one) => ["--mail-rcpt", one]),
        ],
        // It reads addresses in the characters of the locale.
        { env: { LC_ALL: "C.UTF-8" } },
      ),
  },
  swaks: {
    there: () => works("swaks", "--version"),
    adds: "\r\n",
    noUtf8: "it does not know SMTPUTF8",
    send: ({ port, encryption, ca, user, from, file, to }) =>
      output("swaks", [
        ...["--server", "127.0.0.1", "--port", String(port), encryption === "tls" ? "--tls-on-connect" : "--tls", "--tls-verify", "--tls-ca-path", ca],
        ...["--auth", "PLAIN", "--auth-user", user.username, "--auth-password", user.password, "--from", from, "--to", to.join(",")],
        ...["--data", `@${file}`],
      ]),
  },
  msmtp: {
    there: () => works("msmtp", "--version"),
    noUtf8: "it does not know SMTPUTF8",
    send: async ({ port, encryption, ca, user, from, file, to }) =>
      output(
        "msmtp",
        [
          ...["--host=localhost", `--port=${port}`, "--tls=on", `--tls-starttls=${encryption === "tls" ? "off" : "on"}`, `--tls-trust-file=${ca}`],
          ...["--auth=plain", `--user=${user.username}`, "--passwordeval=printenv SECRET", `--from=${from}`, "--", ...to],
        ],
        { input: await readFile(file), env: { SECRET: user.password } },
      ),
  },
  "Perl Net::SMTP": {
    there: () => works("perl", "-MNet::SMTP", "-MIO::Socket::SSL", "-MAuthen::SASL", "-e", "1"),
    noUtf8: "it is not asked for SMTPUTF8 here",
    send: script("perl", "send.pl"),
  },
  "Ruby Net::SMTP": {
    there: () => works("ruby", "-e", "require 'net/smtp'; exit Net::SMTP.method_defined?(:enable_starttls)"),
    noUtf8: "it does not know SMTPUTF8",
    send: script("ruby", "send.rb"),
  },
  "PHPMailer's SMTP": {
    there: () => works("php", "-r", `exit(file_exists('${PHPMAILER}') ? 0 : 1);`),
    adds: "\r\n",
    noUtf8: "Debian's version does not know SMTPUTF8",
    send: script("php", "send.php"),
  },
};

const gate = await gateWith();
const [ca, key] = ["cert.pem", "key.pem"].map((name) => join(gate.data, "door", name));
const door = await startDoor(gate, "--cert", ca, "--key", key, "--self-signed", "--listen-tls", "127.0.0.1:0");
const ports = { starttls: Number(new URL(door.addresses[0]).port), tls: Number(new URL(door.addresses[1]).port) };
const users = {};
const lists = {};
for (const mode of ["block", "alert"]) {
  lists[mode] = (await gate.admin("POST", "/api/lists", { name: mode, onUnauthorized: mode })).id;
  users[mode] = await gate.admin("POST", `/api/lists/${lists[mode]}/users`, { domains: "shop.example; b\u00fccher.example" });
}

/** The id of the newest message of a list. */
const newest = async (mode) => (await gate.admin("GET", `/api/lists/${lists[mode]}/messages?limit=1`)).items[0]?.id;

/** Asks again until there is an answer. */
async function until(what, ask) {
  for (let turn = 0; turn < 200; turn += 1) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${what} within 10 seconds`);
}

/** The message as the sink has it, behind the gate's own field, and its envelope. */
async function delivered(id) {
  const octets = await until(`${id} does not arrive`, () => readFile(join(gate.sent, `${id}.eml`)).catch(() => undefined));
  const [received] = /^Received:.*\r\n(?:[ \t].*\r\n)*/.exec(octets.toString("latin1"));
  return { message: octets.subarray(received.length), received, ...JSON.parse(await readFile(join(gate.sent, `${id}.json`), "utf8")) };
}

/** Where two messages begin to differ; `undefined` if they do not. */
function difference(wanted, found) {
  if (wanted.equals(found)) return undefined;
  const at = wanted.findIndex((octet, index) => found[index] !== octet);
  const part = (octets) => JSON.stringify(octets.subarray(Math.max(0, at - 20), at + 40).toString());
  return at === -1 ? `more than was sent: ${JSON.stringify(found.subarray(wanted.length).toString().slice(0, 80))}` : `octet ${at}: ${part(found)} for ${part(wanted)}`;
}

/** What is wrong with a case; `undefined` if nothing is. */
async function judge(program, name, encryption) {
  const { from, to, message, refusal, lenient = false, urgent = false, utf8 = false } = CASES[name];
  const mode = lenient ? "alert" : "block";
  const file = join(gate.data, "message.eml");
  await writeFile(file, message);
  const before = await newest(mode);
  const { good, said } = await program.send({ port: ports[encryption], encryption, ca, user: users[mode], from, to, file });
  if (refusal !== undefined) {
    if (good) return "the program is content with a refusal";
    return refusal.test(said) ? undefined : `the program does not show the reply: ${said.slice(-600)}`;
  }
  if (!good) return said.slice(-600);
  const id = await until("nothing is in the log", async () => {
    const now = await newest(mode);
    return now === before ? undefined : now;
  });
  const arrived = await delivered(id);
  const left = program.writes?.(from) ?? from;
  if (JSON.stringify([arrived.from, arrived.to]) !== JSON.stringify([left, to])) return `another envelope: ${arrived.from} ${arrived.to}`;
  if (urgent !== arrived.mtPriority > 0) return `MT-PRIORITY ${arrived.mtPriority}`;
  if (!arrived.received.includes(`with ${utf8 ? "UTF8SMTPSA" : "ESMTPSA"} id ${id}`)) return arrived.received;
  return difference(Buffer.concat([message, Buffer.from(program.adds ?? "")]), arrived.message);
}

const count = { passed: 0, failed: 0, skipped: 0 };
function note(state, line) {
  count[state] += 1;
  console.log(`${state.padEnd(8)}${line}`);
}
try {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    if (!program.there()) {
      note("skipped", `${name}: not installed`);
      continue;
    }
    for (const encryption of ["starttls", "tls"]) {
      for (const what of Object.keys(CASES)) {
        const line = `${name}, ${encryption}, ${what}`;
        if (CASES[what].utf8 && program.noUtf8 !== undefined) {
          note("skipped", `${line}: ${program.noUtf8}`);
          continue;
        }
        const wrong = await judge(program, what, encryption).catch((error) => error.message);
        if (wrong === undefined) note("passed", line);
        else note("failed", `${line}: ${wrong}`);
      }
    }
  }
} finally {
  await door.stop();
  await gate.remove();
  await removePrepared();
}
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed > 0 ? 1 : 0;
