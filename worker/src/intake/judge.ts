/** The engine's decision on what comes in: the gate tells it what it sees in the body, and has no opinion of its own. */
import type { BodyFault, Decision, Submission } from "sendergate";
import { type KnownUser, decide, policyFor } from "../directory/policy.ts";
import { Problem } from "../problem.ts";
import type { Envelope } from "./envelope.ts";
import type { HeaderSection, HeaderTooLarge } from "./source.ts";

/** A user as it is now: a message takes its time to come in, and the user may be another by then. */
export async function userNow(env: Env, username: string): Promise<KnownUser> {
  const user = await policyFor(env, username);
  if (user === undefined) throw new Problem(401, "unauthorized", "this user is no more");
  return user;
}

export function submission({ mailFrom, mtPriority }: Envelope, header?: HeaderSection): Submission {
  return {
    ...(mailFrom === undefined ? {} : { mailFrom }),
    ...(mtPriority === undefined ? {} : { mtPriority }),
    ...(header === undefined ? {} : { header: header.octets, headerComplete: header.complete }),
  };
}

/** The decision on a message whose body has this fault. */
export async function decideFaulty(env: Env, username: string, envelope: Envelope, header: HeaderSection, bodyFault: BodyFault): Promise<Decision> {
  return decide(env, await userNow(env, username), { ...submission(envelope, header), bodyFault });
}

/** The decision on a message whose header section does not end within the engine's limit, by as much of it as was read. */
export async function decideTooLarge(env: Env, username: string, envelope: Envelope, { octets }: HeaderTooLarge): Promise<Decision> {
  return decide(env, await userNow(env, username), submission(envelope, { octets, complete: false }));
}

export const inactive = (decision?: Decision): Problem =>
  new Problem(403, "user-inactive", "this user is not active", decision === undefined ? {} : { decision });

export const headerTooLarge = (decision: Decision): Problem =>
  new Problem(413, "header-too-large", "the header section does not end within 256 KiB", { decision });

export const FAULTS: Record<BodyFault, string> = {
  nul: "the body holds a NUL octet",
  "bare-cr": "the body holds a CR that no LF follows",
  "bare-lf": "the body holds an LF that no CR precedes",
  "line-endings": "the body mixes lines that end with LF and lines that end with CRLF",
};
