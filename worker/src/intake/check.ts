/** A check: what would be decided, without any effect. */
import { type Decision, headerFacts } from "sendergate";
import { settings } from "../settings.ts";
import { decide } from "../directory/policy.ts";
import type { Envelope } from "./envelope.ts";
import { decideFaulty, decideTooLarge, headerTooLarge, submission, userNow } from "./judge.ts";
import { refuseLoop } from "./message.ts";
import { Scanner, lineEndOf } from "./scan.ts";
import { HeaderTooLarge, Source } from "./source.ts";

/** The whole message is read where there is one: its body may be what is wrong with it. */
export async function check(env: Env, request: Request, username: string, envelope: Envelope): Promise<Decision> {
  const source = new Source(request, settings(env).MAX_MESSAGE_BYTES);
  try {
    const header = await source.header();
    const decision = await decide(env, await userNow(env, username), submission(envelope, source.size === 0 ? undefined : header));
    if (decision.action === "block") return decision;
    refuseLoop(headerFacts(header.octets).received);
    const scanner = new Scanner(lineEndOf(header.octets));
    for (let chunk = await source.next(); chunk !== undefined; chunk = await source.next()) {
      const fault = scanner.scan(chunk);
      if (fault !== undefined) return await decideFaulty(env, username, envelope, header, fault);
    }
    const fault = scanner.end();
    return fault === undefined ? decision : await decideFaulty(env, username, envelope, header, fault);
  } catch (error) {
    if (error instanceof HeaderTooLarge) throw headerTooLarge(await decideTooLarge(env, username, envelope, error));
    throw error;
  } finally {
    await source.discard();
  }
}
