/**
 * Runs the worker on this machine, as wrangler.jsonc describes it, with the bundle that would be deployed. workerd provides D1, R2,
 * durable objects and queues in a folder.
 */
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, readdir, rename, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Log, LogLevel, Miniflare } from "miniflare";
import { startSink } from "./sink.mjs";

/** @typedef {{ bundleFolder: string, data: string, migratedAt: number, workerOptions: Record<string, any> }} Prepared */

const run = promisify(execFile);
const HOME = fileURLToPath(new URL("..", import.meta.url));
const CONFIG = join(HOME, "wrangler.jsonc");
/** Every minute, as wrangler.jsonc says. */
const CRON = "* * * * *";
/** The folder that Wrangler uses, too. */
const DATABASES = "v3/d1";

// Otherwise it warns about missing secrets, which are made below.
process.env.WRANGLER_LOG ??= "error";

/** Runs the pinned Wrangler, without prompts and network. */
function wrangler(...args) {
  const environment = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false", NO_UPDATE_NOTIFIER: "1" };
  return run(process.execPath, [join(HOME, "node_modules/wrangler/bin/wrangler.js"), ...args, "--config", CONFIG], {
    cwd: HOME,
    env: environment,
  }).catch((error) => {
    throw new Error(`wrangler ${args.join(" ")} failed:\n${error.stdout ?? ""}${error.stderr ?? error.message}`);
  });
}

/** Makes the bundle that `wrangler deploy` would upload; benchmarks have another `entry`. */
export async function bundle(folder, entry = "src/index.ts") {
  // The gate works without the panel, but Wrangler needs its folder.
  await mkdir(join(HOME, "../www/dist"), { recursive: true });
  await wrangler("deploy", entry, "--dry-run", "--outdir", folder);
  const made = `${basename(entry, ".ts")}.js`;
  if (made !== "index.js") await rename(join(folder, made), join(folder, "index.js"));
  return folder;
}

/** Miniflare's options for wrangler.jsonc. Wrangler takes a second to load, so it is imported only here. */
async function configured() {
  const { unstable_getMiniflareWorkerOptions } = await import("wrangler");
  return unstable_getMiniflareWorkerOptions(CONFIG).workerOptions;
}

/**
 * Prepares once what would take each start some seconds: the bundle, a migrated database, and the configuration.
 *
 * @returns {Promise<Prepared>}
 */
export async function prepare(folder) {
  const [bundleFolder, data] = [join(folder, "bundle"), join(folder, "data")];
  const [workerOptions] = await Promise.all([configured(), bundle(bundleFolder), migrate(data)]);
  return { bundleFolder, data, migratedAt: Date.now(), workerOptions };
}

/** Applies the files in migrations/ that the database does not have yet. */
export async function migrate(data) {
  await wrangler("d1", "migrations", "apply", "sendergate", "--local", "--persist-to", data);
}

/**
 * The secrets that the first start makes and later ones reuse: the pepper, the key of the session cookies, the hash of the admin
 * token, the token of the sink. The admin token itself is not stored.
 */
async function secrets(data, adminToken) {
  const path = join(data, "secrets.json");
  const known = existsSync(path) ? JSON.parse(await readFile(path, "utf8")) : {};
  const made = { ...known };
  made.PEPPERS ??= `p1:${randomBytes(32).toString("base64url")}`;
  made.SESSION_KEY ??= randomBytes(32).toString("base64url");
  made.SINK_TOKEN ??= randomBytes(24).toString("base64url");
  let printed;
  const token = adminToken ?? (made.ADMIN_TOKEN_SHA256 === undefined ? (printed = randomBytes(24).toString("base64url")) : undefined);
  if (token !== undefined) made.ADMIN_TOKEN_SHA256 = createHash("sha256").update(token).digest("hex");
  await writeFile(path, JSON.stringify(made, null, 2), { mode: 0o600 });
  return { made, printed };
}

/** The ids of this process's children with the name `name`. */
async function children(name) {
  const found = [];
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const [, program, , parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(stat) ?? [];
    if (program === name && Number(parent) === process.pid) found.push(Number(pid));
  }
  return found;
}

/**
 * Starts the gate. `vars` are more settings than those of wrangler.jsonc; `port` 0 is any free port. `prepared` has the bundle, and a database
 * that is copied if `data` has none: then no migrations run.
 *
 * @throws Error naming the settings that are wrong.
 * @param {{ data: string, port?: number, host?: string, adminToken?: string, vars?: Record<string, string>, bundleFolder?: string, prepared?: Prepared,
 *   cron?: boolean, log?: boolean }} options
 */
export async function startGate({ data, port = 0, host = "127.0.0.1", adminToken, vars = {}, prepared, bundleFolder = prepared?.bundleFolder, cron = true, log = false }) {
  const folder = resolve(data);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = prepared !== undefined && !existsSync(join(folder, DATABASES));
  const database = fresh ? cp(join(prepared.data, DATABASES), join(folder, DATABASES), { recursive: true }) : migrate(folder);
  const [built] = await Promise.all([bundleFolder ?? bundle(join(folder, "bundle")), database]);
  const { made, printed } = await secrets(folder, adminToken);
  const sink = await startSink({ folder: join(folder, "sent"), token: made.SINK_TOKEN });
  const options = prepared?.workerOptions ?? (await configured());
  const modules = await readdir(built);
  const miniflare = new Miniflare({
    ...options,
    name: "sendergate",
    // With SERIAL_QUEUE: the local queue waits for a consumer's answer, not for its background work.
    compatibilityFlags: [...(options.compatibilityFlags ?? []), "queue_consumer_no_wait_for_wait_until"],
    host,
    port,
    log: new Log(log ? LogLevel.INFO : LogLevel.ERROR),
    modulesRoot: built,
    modules: [
      { type: "ESModule", path: join(built, "index.js") },
      ...modules.filter((name) => name.endsWith(".wasm")).map((name) => ({ type: "CompiledWasm", path: join(built, name) })),
    ],
    // There is no proxy in front of a local gate, and perhaps no network for a resolver.
    bindings: { ...options.bindings, ...made, BEHIND_CLOUDFLARE: "0", DNS_RESOLVER: "", SINK_URL: sink.url, SERIAL_QUEUE: "1", ...vars },
    // Do not look up the location of this machine: there may be no network.
    cf: false,
    d1Persist: join(folder, DATABASES),
    r2Persist: join(folder, "v3/r2"),
    durableObjectsPersist: join(folder, "v3/do"),
  });
  const url = (await miniflare.ready).origin;
  // Makes the copied clock as old as migrations that run now would leave it.
  if (fresh) await (await miniflare.getD1Database("DB")).prepare("UPDATE clock SET succeeded_at = succeeded_at + ?").bind(Date.now() - prepared.migratedAt).run();
  let stopped = false;
  let timer;
  const stop = async () => {
    stopped = true;
    clearInterval(timer);
    await miniflare.dispose();
    await sink.close();
  };
  const { faults = [] } = await (await fetch(`${url}/healthz`)).json();
  if (faults.length > 0) {
    await stop();
    throw new Error(faults.join("\n"));
  }
  /**
   * Does what the cron trigger does. Miniflare's URL for it does not work with assets: the request ends at another worker, which has
   * no cron (github.com/cloudflare/workers-sdk/issues/9882).
   */
  const tick = async (at = Date.now()) => {
    const worker = await miniflare.getWorker("sendergate");
    const { outcome } = await worker.scheduled({ cron: CRON, scheduledTime: new Date(at) });
    if (outcome === "ok") return;
    throw new Error(`the clock does not run: ${outcome}. What failed stands above; until that works, jobs are left undone every minute`);
  };
  if (cron) {
    let running = false;
    const again = () => {
      if (running) return;
      running = true;
      const failed = (error) => stopped || console.error(`error: ${new Date().toISOString()} ${error.message}`);
      tick().catch(failed).finally(() => {
        running = false;
      });
    };
    try {
      await tick();
    } catch (error) {
      await stop();
      throw error;
    }
    timer = setInterval(again, 60_000);
  }
  return {
    url,
    miniflare,
    /** The admin token, if this start made one: it is shown only now. */
    adminToken: printed,
    /** Its keys and hashes, as the folder keeps them. */
    secrets: made,
    /** The folder for relayed messages. */
    sent: join(folder, "sent"),
    /** Runs the cron jobs, as if at `at`. Rejects if a job failed. */
    scheduled: tick,
    workerd: () => children("workerd"),
    stop,
  };
}
