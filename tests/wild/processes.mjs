// Runs tools, and ends all processes that they start.
import { spawn } from "node:child_process";
import { createServer } from "node:net";

/** No telemetry and no prompts. */
const QUIET = {
  CI: "1", NO_COLOR: "1", DO_NOT_TRACK: "1", NEXT_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1", ASTRO_TELEMETRY_DISABLED: "1",
  NG_CLI_ANALYTICS: "false", WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false",
};
const MINUTE = 60_000;

/** Runs a program to its end. Returns its output, or throws with its errors. */
export async function run(command, args, { cwd, env = {}, timeout = 8 * MINUTE } = {}) {
  const child = launch(command, args, cwd, env);
  const output = collect(child);
  const timer = setTimeout(() => end(child), timeout);
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${shown(command, args)} ended with ${code ?? "a signal"}:\n${complaints(output)}`);
  return output.text;
}

/** Starts a server. When it answers, returns its URL and a function that stops it. */
export async function start(command, args, port, { cwd, env = {}, timeout = MINUTE } = {}) {
  const child = launch(command, args, cwd, env);
  const output = collect(child);
  const url = `http://127.0.0.1:${port}/`;
  const stop = () => end(child);
  let over;
  child.on("error", (error) => (over = error.message)).on("close", (code) => (over = `it ended with ${code ?? "a signal"}`));
  for (const begin = Date.now(); Date.now() - begin < timeout && over === undefined; ) {
    // Any answer counts, even an error.
    if (await fetch(url, { redirect: "manual" }).then(() => true, () => false)) return { url, stop, complaints: () => complaints(output) };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`${shown(command, args)} serves nothing: ${over ?? "no answer"}\n${complaints(output)}`);
}

/** A free port. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The answers in a program's output. */
export function parse(output) {
  const line = /ANSWERS (\[.*\])/.exec(output);
  if (line === null) throw new Error(`it gave no answers, but\n${tail(output)}`);
  return JSON.parse(line[1]);
}

function launch(command, args, cwd, env) {
  // A process group, so that all of it can be ended.
  return spawn(command, args.map(String), { cwd, env: { ...process.env, ...QUIET, ...env }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
}

function collect(child) {
  const output = { text: "", errors: "" };
  child.stdout.setEncoding("utf8").on("data", (piece) => (output.text += piece));
  child.stderr.setEncoding("utf8").on("data", (piece) => (output.errors += piece));
  return output;
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const closed = new Promise((resolve) => child.on("close", resolve));
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    try {
      process.kill(-child.pid, signal);
    } catch {
      return;
    }
    const timer = new Promise((resolve) => setTimeout(resolve, 3_000, "late"));
    if ((await Promise.race([closed, timer])) !== "late") return;
  }
}

const shown = (command, args) => [command.split("/").at(-1), ...args].join(" ");
const tail = (text) => text.trim().slice(-4_000);
const complaints = ({ errors, text }) => [tail(errors), tail(text)].filter(Boolean).join("\n");
