/** The bindings of the worker under test. */
import { env as bindings } from "cloudflare:workers";

export const env = bindings as unknown as Env & { MIGRATIONS: { name: string; queries: string[] }[] };
