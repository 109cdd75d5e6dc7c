/** A check: the decision without any effect. */
import type { Decision } from "sendergate";
import type { Sender } from "../auth/sender.ts";
import type { Envelope } from "./envelope.ts";
import { Intake } from "./intake.ts";
import { withDecision } from "./refusal.ts";

/** Reads the whole message if there is one, because the body may be malformed. */
export async function check(env: Env, request: Request, sender: Sender, envelope: Envelope): Promise<Decision> {
  const intake = new Intake(env, request, sender, envelope, { bodyOptional: true });
  try {
    const { decision, refusal } = await intake.judge();
    // A check without anything to decide, and input that is no message, get an error; all else gets the decision.
    if (refusal?.code === "user-inactive" || refusal?.code === "header-too-large") throw withDecision(refusal, decision);
    return decision;
  } finally {
    await intake.source.discard();
  }
}
