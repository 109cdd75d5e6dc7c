/** Starts what is compared. Each has the ids of its processes, for the time that they use the processors. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startGate } from "../../worker/local/gate.mjs";

const run = promisify(execFile);
const ADMIN_TOKEN = "the-administrator-of-the-benchmark";

/** The gate with a list of 200 domains, a user, and the door's token. It relays nothing, so that only the acceptance is measured. */
export async function gateWithUser(folder) {
  const vars = { DEVELOPMENT: "1", MESSAGES_PER_MINUTE: "1000000", MESSAGES_PER_DAY: "1000000000", RECIPIENTS_PER_DAY: "1000000000", SINK_URL: "http://127.0.0.1:9/" };
  const gate = await startGate({ data: folder, adminToken: ADMIN_TOKEN, cron: false, vars });
  const admin = async (path, body) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };
    const answer = await fetch(gate.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const list = await admin("/api/lists", { name: "Bench" });
  const domains = ["shop.example", ...Array.from({ length: 199 }, (_, index) => `shop${index}.example`)].join("; ");
  const user = await admin(`/api/lists/${list.id}/users`, { domains });
  const { token } = await admin("/api/service-tokens", { name: "the door", lists: "all" });
  return { url: gate.url, user, token, pids: await gate.workerd(), stop: gate.stop };
}

/** A program that prints what `found` recognizes when it listens. */
async function started(command, args, env, found) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const port = Number(found.exec(line)?.[1]);
    if (port > 0) return { port, pids: [child.pid], stop: () => (child.kill("SIGKILL"), ended) };
  }
  throw new Error(`${command} does not start`);
}

export function door({ url, token }, binary) {
  const args = ["--gate", url, "--listen", "127.0.0.1:0", "--name", "door.example", "--max-connections-per-address", "100"];
  return started(binary, args, { SENDERGATE_SERVICE_TOKEN: token }, /^ready smtp:\/\/127\.0\.0\.1:(\d+)$/);
}

export function smtpServer({ url, token }) {
  const program = fileURLToPath(new URL("smtp_server.mjs", import.meta.url));
  return started(process.execPath, [program], { GATE: url, TOKEN: token }, /^(\d+)$/);
}

const SERVICES = [
  "cleanup unix n - n - 0 cleanup",
  "qmgr unix n - n 300 1 qmgr",
  "rewrite unix - - n - - trivial-rewrite",
  "bounce unix - - n - 0 bounce",
  "defer unix - - n - 0 bounce",
  "trace unix - - n - 0 bounce",
  "proxymap unix - - n - - proxymap",
  "error unix - - n - - error",
  "retry unix - - n - - error",
  "anvil unix - - n - 1 anvil",
  "postlog unix-dgram n - n - 1 postlogd",
];
const QUEUES = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "pid", "private", "public", "saved", "trace"];

/** Debian's Postfix, unpacked in `unpacked`, with a queue of its own on loopback. It stores messages durably and holds them, as the gate does here. */
export async function postfix(folder, unpacked) {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  await cp(join(unpacked, "usr"), join(folder, "usr"), { recursive: true });
  for (const name of ["conf", "data", ...QUEUES.map((queue) => `queue/${queue}`)]) await mkdir(join(folder, name), { recursive: true });
  const main = {
    compatibility_level: "3.6",
    queue_directory: `${folder}/queue`,
    data_directory: `${folder}/data`,
    daemon_directory: `${folder}/usr/lib/postfix/sbin`,
    command_directory: `${folder}/usr/sbin`,
    shlib_directory: `${folder}/usr/lib/postfix`,
    meta_directory: `${folder}/conf`,
    // Users that every Debian has.
    mail_owner: "mail",
    setgid_group: "news",
    import_environment: "MAIL_CONFIG LD_LIBRARY_PATH LANG=C TZ",
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    mynetworks: "127.0.0.0/8",
    myhostname: "relay.example",
    mydestination: "",
    alias_maps: "",
    alias_database: "",
    smtpd_relay_restrictions: "permit_mynetworks, reject",
    smtpd_recipient_restrictions: "check_recipient_access static:HOLD, permit_mynetworks, reject",
    smtpd_peername_lookup: "no",
    maillog_file: `${folder}/log`,
    maillog_file_prefixes: folder,
  };
  await writeFile(join(folder, "conf/main.cf"), Object.entries(main).map(([name, value]) => `${name} = ${value}\n`).join(""));
  await writeFile(join(folder, "conf/master.cf"), [`127.0.0.1:${port} inet n - n - - smtpd`, ...SERVICES, ""].join("\n"));
  await run("chown", ["-R", "mail", join(folder, "queue"), join(folder, "data")]);
  await run("chown", ["root", join(folder, "queue"), join(folder, "queue/pid")]);
  // The folder around it, too: Postfix runs as another user.
  for (const one of [folder, join(folder, "..")]) await chmod(one, 0o755);
  const env = { ...process.env, LD_LIBRARY_PATH: `${folder}/usr/lib/postfix`, MAIL_CONFIG: `${folder}/conf` };
  const master = spawn(join(folder, "usr/lib/postfix/sbin/master"), ["-d", "-c", join(folder, "conf")], { env, stdio: "ignore" });
  let running = true;
  const ended = once(master, "exit").then(() => (running = false));
  const stop = () => (running && master.kill("SIGTERM"), ended);
  const listens = () =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1").on("error", () => resolve(false));
      socket.once("data", (text) => resolve(text.toString().startsWith("220"))).once("close", () => resolve(false));
      setTimeout(() => socket.destroy(), 5_000).unref();
    });
  for (let attempt = 0; running && attempt < 50; attempt += 1) {
    if (await listens()) return { port, pids: [master.pid], stop };
    await new Promise((done) => setTimeout(done, 200));
  }
  await stop();
  throw new Error(`Postfix does not start: ${await readFile(join(folder, "log"), "utf8").catch(() => "it wrote no log")}`);
}

const TICKS_A_SECOND = 100;

/** Milliseconds that the processes and their children have used the processors for, children that ended included. */
export async function used(pids) {
  const found = new Map();
  for (const pid of await readdir("/proc")) {
    const stat = /^\d+$/.test(pid) ? await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "") : "";
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    if (stat !== "") found.set(Number(pid), { parent: fields[1], own: fields[11] + fields[12], reaped: fields[13] + fields[14] });
  }
  let ticks = 0;
  for (const [pid, { parent, own, reaped }] of found) {
    if (pids.includes(pid)) ticks += own + reaped;
    else if (pids.includes(parent)) ticks += own;
  }
  return (ticks * 1_000) / TICKS_A_SECOND;
}
