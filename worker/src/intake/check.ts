/** A check: what would be decided, without any effect. */
import type { Decision } from "sendergate";
import type { Sender } from "../auth/sender.ts";
import type { Envelope } from "./envelope.ts";
import { Intake } from "./intake.ts";
import { withDecision } from "./refusal.ts";

/** The whole message is read where there is one: its body may be what is wrong with it. */
export async function check(env: Env, request: Request, sender: Sender, envelope: Envelope): Promise<Decision> {
  const intake = new Intake(env, request, sender, envelope, { bodyOptional: true });
  try {
    const { decision, refusal } = await intake.judge();
    // Who asks for nobody, and what no message can be, is told so; all else is what was asked for.
    if (refusal?.code === "user-inactive" || refusal?.code === "header-too-large") throw withDecision(refusal, decision);
    return decision;
  } finally {
    await intake.source.discard();
  }
}
