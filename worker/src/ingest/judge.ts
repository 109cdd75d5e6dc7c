/** The engine's decision on what comes in: the gate adds what it sees in the body, and no opinion of its own. */
import type { Decision, Submission } from "sendergate";
import type { Env } from "../env.ts";
import { type KnownUser, decide, policyFor } from "../policy.ts";
import { Problem } from "../problem.ts";
import type { Envelope } from "./envelope.ts";
import type { Fault, LineEnd } from "./scan.ts";
import type { HeaderSection } from "./source.ts";

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

const SIGNS: Record<Fault, { crlf: string; lf: string }> = {
  nul: { crlf: "\0\r\n", lf: "\0\n" },
  "bare-cr": { crlf: "\r.", lf: "\r." },
  "line-endings": { crlf: "a:\r\nb:\n", lf: "a:\nb:\r\n" },
};
const CODES: Record<Fault, string> = { nul: "malformed-nul", "bare-cr": "malformed-bare-cr", "line-endings": "malformed-line-endings" };

/**
 * The decision on a message whose body has this fault: the one on a header section that has it, so that reason, answer and priority
 * are those of the engine.
 */
export async function decideFaulty(
  env: Env,
  username: string,
  envelope: Envelope,
  header: HeaderSection,
  fault: Fault,
  lineEnd: LineEnd,
): Promise<Decision> {
  const user = await userNow(env, username);
  const sign = Buffer.from(SIGNS[fault][lineEnd], "latin1");
  // Before the empty line that closes the section.
  const fields = header.octets.subarray(0, header.octets.length - (header.complete ? 0 : lineEnd === "lf" ? 1 : 2));
  for (const octets of [Buffer.concat([fields, sign]), sign]) {
    const decision = await decide(env, user, submission(envelope, { octets, complete: true }));
    // A section that is full leaves no room for it.
    if (decision.reason === CODES[fault] || decision.reason === "user-inactive") return decision;
  }
  throw new Error(`the engine finds no ${fault} where there is one`);
}

/** The decision on a message whose header section does not end within the engine's limit. */
export async function decideTooLarge(env: Env, username: string, envelope: Envelope): Promise<Decision> {
  const user = await userNow(env, username);
  const octets = new Uint8Array(256 * 1024 + 1).fill(0x61);
  return decide(env, user, submission(envelope, { octets, complete: false }));
}

export const inactive = (decision?: Decision): Problem =>
  new Problem(403, "user-inactive", "this user is not active", decision === undefined ? {} : { decision });

export const headerTooLarge = (decision: Decision): Problem =>
  new Problem(413, "header-too-large", "the header section does not end within 256 KiB", { decision });

export const FAULTS: Record<Fault, string> = {
  nul: "the body holds a NUL octet",
  "bare-cr": "the body holds a CR that no LF follows",
  "line-endings": "the body mixes lines that end with LF and lines that end with CRLF",
};
