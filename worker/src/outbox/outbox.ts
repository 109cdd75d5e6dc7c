/** What waits to be relayed. */
import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";

export class Outbox extends DurableObject<Env> {}
