/** Starts the real gate (workerd with everything embedded) and the door's binary. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { prepare, startGate } from "../../../worker/local/gate.mjs";

const ADMIN_TOKEN = "the-administrator-of-the-tests";
export const PROGRAM = process.env.SENDERGATE_SUBMISSION ?? fileURLToPath(new URL("../../../target/debug/sendergate-submission", import.meta.url));

/** Starts a gate. The bundle and the empty database are prepared once. */
let prepared;
export async function gateWith(vars = {}) {
  prepared ??= mkdtemp(join(tmpdir(), "sendergate-door-prepared-")).then(prepare);
  const data = await mkdtemp(join(tmpdir(), "sendergate-door-"));
  const options = { data, adminToken: ADMIN_TOKEN, vars: { DEVELOPMENT: "1", ...vars }, prepared: await prepared };
  let gate = await startGate(options);
  const admin = async (method, path, body) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, ...(body === undefined ? {} : { "content-type": "application/json" }) };
    const answer = await fetch(gate.url + path, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  };
  const { token } = await admin("POST", "/api/service-tokens", { name: "the door", lists: "all" });
  return {
    get url() {
      return gate.url;
    },
    sent: gate.sent,
    data,
    token,
    admin,
    /** SIGKILL, and a start on the same folder. */
    async crash() {
      for (const pid of await gate.workerd()) process.kill(pid, "SIGKILL");
      await gate.stop().catch(() => undefined);
      gate = await startGate(options);
    },
    /** The log's rows of a list, once each message is delivered. */
    async logged(list) {
      const { DB } = await gate.miniflare.getBindings();
      const read = () => DB.prepare("SELECT id, state FROM messages WHERE list_id = ?").bind(list).all();
      for (let turn = 0; turn < 150; turn += 1) {
        const { results } = await read();
        if (results.length > 0 && results.every(({ state }) => state === "delivered")) return results;
        await new Promise((done) => setTimeout(done, 200));
      }
      throw new Error("not everything in the log is delivered");
    },
    async remove() {
      await gate.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

export async function removePrepared() {
  if (prepared !== undefined) await rm(join((await prepared).data, ".."), { recursive: true, force: true });
}

/** Starts the binary and waits until it is ready. `addresses` come from its `ready` lines. */
export async function startDoor(gate, ...options) {
  const child = spawn(PROGRAM, ["--gate", gate.url, "--listen", "127.0.0.1:0", "--name", "door.example", ...options], {
    env: { ...process.env, SENDERGATE_SERVICE_TOKEN: gate.token },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = [];
  createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
  const expected = options.includes("--listen-tls") ? 2 : 1;
  const addresses = [];
  for await (const line of createInterface({ input: child.stdout })) {
    addresses.push(line.split(" ")[1]);
    if (addresses.length === expected + (options.includes("--metrics") ? 1 : 0)) break;
  }
  if (addresses.length === 0) throw new Error(`the door does not start: ${log.join("\n")}`);
  const ended = once(child, "exit");
  return {
    addresses,
    log,
    pid: child.pid,
    ended,
    signal: (name) => child.kill(name),
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
