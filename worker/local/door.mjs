/** The SMTP door (submission/) beside a gate on this machine. */
import { spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

/** Mail programs on this machine use it unless told otherwise. */
export const DEFAULT_PORT = 2587;
const HOST = "127.0.0.1";

/**
 * Keeps a port until the door takes it, so that the gate can name it before the door listens. `0`: any free one.
 *
 * @returns {Promise<{ port: number, release: () => Promise<void> }>} rejects if the port is taken
 */
export async function reservePort(wanted) {
  const server = createServer((socket) => socket.destroy());
  server.listen(wanted, HOST);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : wanted;
  return { port, release: () => new Promise((done) => server.close(() => done())) };
}

/** What the gate shows as connection data. */
export const submissionUrls = (port) => `smtp://${HOST}:${port}`;

/**
 * A session of the panel, as the gate itself would sign it: the admin token is kept nowhere, and the keys are in the data folder.
 * `auth/cookie.ts` has the counterpart.
 */
function sessionCookie({ SESSION_KEY, ADMIN_TOKEN_SHA256 }) {
  const derived = createHmac("sha256", Buffer.from(SESSION_KEY, "base64url")).update(`session of ${ADMIN_TOKEN_SHA256}`).digest();
  const [id, expires] = [randomBytes(16).toString("base64url"), Math.floor(Date.now() / 1000) + 60];
  const mac = createHmac("sha256", derived).update(`sendergate.${id}.${expires}`).digest("base64url");
  return `sendergate=${id}.${expires}.${mac}`;
}

/** The door's service token: made in the gate by the first start, and kept. One that was revoked is made anew. */
async function serviceToken(gate, folder) {
  const file = join(folder, "token");
  const kept = (await readFile(file, "utf8").catch(() => "")).trim();
  if (kept !== "") {
    const answer = await fetch(`${gate.url}/v1/session`, { headers: { authorization: `Bearer ${kept}`, "sendergate-user": "nobody" } });
    const { code } = await answer.json();
    if (answer.status !== 401 && code !== "service-token-refused") return file;
  }
  const answer = await fetch(`${gate.url}/api/service-tokens`, {
    method: "POST",
    headers: { cookie: sessionCookie(gate.secrets), origin: gate.url, "content-type": "application/json" },
    body: JSON.stringify({ name: "SMTP door of cargo xtask start", lists: "all" }),
  });
  if (!answer.ok) throw new Error(`the gate makes no service token for the SMTP door: ${answer.status} ${await answer.text()}`);
  const { token } = await answer.json();
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return file;
}

/**
 * Starts it, and waits until it listens.
 *
 * @throws Error if it ends before.
 * @param {{ program: string, gate: { url: string, secrets: Record<string, string> }, data: string, reserved: Awaited<ReturnType<typeof reservePort>> }} options
 */
export async function startDoor({ program, gate, data, reserved }) {
  const folder = join(resolve(data), "door");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const token = await serviceToken(gate, folder);
  await reserved.release();
  const child = spawn(
    program,
    [
      ["--gate", gate.url],
      ["--token-file", token],
      ["--listen", `${HOST}:${reserved.port}`],
      ["--cert", join(folder, "cert.pem"), "--key", join(folder, "key.pem"), "--self-signed"],
    ].flat(),
    // Ctrl-C reaches the whole group of a terminal: the door would get it twice and break off what is under way.
    { detached: true, stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise((done) => {
    child.once("error", (error) => done(error.message));
    child.once("exit", (code, signal) => done(signal ?? `exit ${code}`));
  });
  const ready = new Promise((done) => createInterface({ input: child.stdout }).once("line", done));
  const url = await Promise.race([
    ready.then((line) => String(line).replace(/^ready /, "")),
    ended.then((why) => Promise.reject(new Error(`the SMTP door does not start (${why})`))),
  ]);
  return {
    url,
    pid: child.pid,
    /** Why it has ended, as soon as it has. */
    ended,
    /** Lets messages under way end; asked again, it breaks them off. */
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
