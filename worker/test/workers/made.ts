/** The bindings of the worker under test. */
import { env as bindings } from "cloudflare:workers";
import type { Env } from "../../src/env.ts";

export const env = bindings as unknown as Env & { MIGRATIONS: { name: string; queries: string[] }[] };
