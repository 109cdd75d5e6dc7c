/** Starts a gate for a test file: a new folder, real workerd, an administrator's client. An existing database is migrated. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { startGate } from "../local/gate.mjs";

export const ADMIN_TOKEN = "the-administrator-of-the-tests";

export interface Gate {
  url: string;
  data: string;
  sent: string;
  /** A request of the administrator. A body other than a string is sent as JSON. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Sends a request to the worker itself, with any URL, also https, as Cloudflare would. */
  dispatch(url: string, init?: { method?: string; headers?: Record<string, string>; body?: string }): Promise<Response>;
  /** Runs the cron jobs as `start` does, as if at `at`; rejects if a job failed. */
  scheduled(at?: number): Promise<void>;
  /** The worker's bindings: storage and durable objects, without HTTP. */
  inside(): Promise<Env>;
  workerd(): Promise<number[]>;
  /** Stops it and keeps the folder, for `startOn(data)`. */
  stop(): Promise<void>;
  /** Stops it and removes the folder. */
  remove(): Promise<void>;
}

export async function freshGate(vars: Record<string, string> = {}): Promise<Gate> {
  return startOn(await mkdtemp(join(tmpdir(), "sendergate-test-")), vars);
}

export async function startOn(data: string, vars: Record<string, string> = {}, bundleFolder?: string): Promise<Gate> {
  const gate = await startGate({
    data,
    adminToken: ADMIN_TOKEN,
    // The tests act as Cloudflare, which sets the client's address.
    vars: { DEVELOPMENT: "1", BEHIND_CLOUDFLARE: "1", ...vars },
    prepared: { ...inject("prepared"), ...(bundleFolder === undefined ? {} : { bundleFolder }) },
  });
  const { url, sent } = gate;
  return {
    url,
    data,
    sent,
    admin: (method, path, body, headers = {}) =>
      fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${ADMIN_TOKEN}`,
          ...(body === undefined || typeof body === "string" ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    dispatch: async (address, init = {}) => (await gate.miniflare.dispatchFetch(address, init)) as unknown as Response,
    async scheduled(at) {
      const begun = Date.now();
      await gate.scheduled(at);
      const { DB } = await gate.miniflare.getBindings<Env>();
      const behind = await DB.prepare("SELECT part FROM clock WHERE succeeded_at < ?").bind(begun).all();
      if (behind.results.length > 0) throw new Error(`the clock did not do ${JSON.stringify(behind.results)}`);
    },
    inside: () => gate.miniflare.getBindings<Env>(),
    workerd: gate.workerd,
    stop: gate.stop,
    async remove() {
      await gate.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
