/** The engine's decision as the API shows it: unaltered. */
import { z } from "@hono/zod-openapi";
import { IDENTITIES } from "../directory/lists.ts";
import { Level } from "./schemas.ts";

export const Action = z.enum(["send", "send-and-alert", "block"]);
export const Verdict = z.enum(["authorized", "unauthorized", "ambiguous"]);

const Rule = { list: z.enum(["domains", "senders"]), entry: z.string() };

export const IdentityName = z.enum(IDENTITIES);
export const NameOf = z.enum(["from", "sender"]);

const Finding = z
  .object({
    identity: IdentityName,
    field: z.int().min(0).openapi({ description: "Which occurrence of the field, from 0." }),
    of: NameOf.optional().openapi({ description: "Of a `display-name`: whose it is." }),
    address: z.string().optional(),
    candidates: z.array(z.string()).optional(),
    verdict: Verdict,
    reason: z.string(),
    rule: z.object(Rule).optional(),
    nearMiss: z.object({ ...Rule, how: z.string() }).optional(),
  })
  .openapi("Finding");

export const DecisionSchema = z
  .object({
    action: Action,
    verdict: Verdict,
    reason: z.string(),
    findings: z.array(Finding),
    decidedBy: z.int().optional(),
    checked: z.array(z.enum(IDENTITIES)).optional().openapi({ description: "What was looked at, found or not. Older rows of a log do not say." }),
    priority: z.object({
      effective: Level,
      user: Level,
      message: Level.optional(),
      source: z.enum(["user", "mt-priority", "x-priority", "priority", "importance", "x-msmail-priority"]),
      conflict: z.boolean(),
      capped: z.boolean(),
      fields: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
    reply: z.object({ code: z.int(), enhancedCode: z.string(), text: z.string() }),
    alert: z.string().optional(),
  })
  .openapi("Decision", { description: "What the engine decided, unaltered." });
