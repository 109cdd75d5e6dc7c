/** Counts failed logins of one client address. */
import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";

export class Throttle extends DurableObject<Env> {}
