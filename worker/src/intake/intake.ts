/**
 * Reads and judges one message: header section, decision, body. Checks and messages use the same code. What stores a message is a
 * parameter, which a check leaves out.
 */
import { type BodyFault, type Decision, headerFacts } from "sendergate";
import type { Sender } from "../auth/sender.ts";
import { type KnownUser, decide, freshness, policyFor } from "../directory/policy.ts";
import { Problem } from "../problem.ts";
import { settings } from "../settings.ts";
import type { Envelope } from "./envelope.ts";
import { refusalOf } from "./refusal.ts";
import { Scanner, lineEndOf } from "./scan.ts";
import { type HeaderSection, HeaderTooLarge, Source } from "./source.ts";
import { refuseLoop } from "./trace.ts";

/** Takes the octets of a message that may leave so far. */
export interface Keeper {
  begin(header: HeaderSection, decision: Decision, user: KnownUser): Promise<void>;
  /** Takes the next octets of the body, which are valid until this resolves. */
  write(octets: Uint8Array): Promise<void>;
}

export interface Judged {
  decision: Decision;
  /** Why the message may not leave. */
  refusal?: Problem;
  /** The body has octets above 127. */
  eightBit: boolean;
}

/** Without a cache, a user is not read twice within this time. */
const MOMENT_MS = 100;

export class Intake {
  readonly source: Source;
  /** As the log shows it. */
  subject: string | undefined;
  readonly #env: Env;
  readonly #envelope: Envelope;
  /** Without a body only the reverse-path is judged. */
  readonly #bodyOptional: boolean;
  /** Read with the credentials, and again if the message takes longer than a user may be remembered. */
  #user: KnownUser;

  constructor(env: Env, request: Request, { user }: Sender, envelope: Envelope, { bodyOptional = false } = {}) {
    this.#env = env;
    this.#user = user;
    this.#envelope = envelope;
    this.#bodyOptional = bodyOptional;
    this.source = new Source(request, settings(env).MAX_MESSAGE_BYTES);
  }

  /** @throws Problem if there is no decision: the message is too large, is in a mail loop, or does not arrive completely. */
  async judge(keeper?: Keeper): Promise<Judged> {
    const { header, tooLarge, received } = await this.#header();
    await this.#refresh();
    let decision = await this.#decide(header);
    if (decision.action === "block" || tooLarge) return { decision, refusal: refusalOf(decision, { tooLarge }), eightBit: false };
    refuseLoop(received);
    const scanner = new Scanner(lineEndOf(header.octets));
    await keeper?.begin(header, decision, this.#user);
    const fault = await this.#body(scanner, keeper);
    const { eightBit } = scanner;
    const { priority, maxPriority } = this.#user;
    // A message that takes minutes to arrive is judged by the user and lists at its end. Its level stays, because the stored header shows it.
    const changed = await this.#refresh();
    if (changed) this.#user = { ...this.#user, priority, maxPriority };
    if (changed || fault !== undefined) decision = await this.#decide(header, fault);
    const refused = decision.action === "block" || fault !== undefined;
    return { decision, eightBit, ...(refused ? { refusal: refusalOf(decision, { fault }) } : {}) };
  }

  async #header(): Promise<{ header: HeaderSection; tooLarge: boolean; received: number }> {
    try {
      const header = await this.source.header();
      const { subject, received } = headerFacts(header.octets);
      this.subject = subject;
      return { header, tooLarge: false, received };
    } catch (error) {
      if (!(error instanceof HeaderTooLarge)) throw error;
      // The engine decides by the part that was read.
      return { header: { octets: error.octets, complete: false }, tooLarge: true, received: 0 };
    }
  }

  /** Reads the user again if it is too old for a decision. Returns whether it did. */
  async #refresh(): Promise<boolean> {
    const age = Date.now() - this.#user.readAt;
    if (age <= Math.max(MOMENT_MS, freshness(this.#env))) return false;
    this.#user = await userNow(this.#env, this.#user.username);
    return true;
  }

  #decide({ octets, complete }: HeaderSection, bodyFault?: BodyFault): Promise<Decision> {
    const { mailFrom, mtPriority } = this.#envelope;
    const bare = this.#bodyOptional && this.source.size === 0;
    return decide(this.#env, this.#user, {
      ...(mailFrom === undefined ? {} : { mailFrom }),
      ...(mtPriority === undefined ? {} : { mtPriority }),
      ...(bare ? {} : { header: octets, headerComplete: complete }),
      ...(bodyFault === undefined ? {} : { bodyFault }),
    });
  }

  /** The first fault of the body; the rest is not checked. */
  async #body(scanner: Scanner, keeper: Keeper | undefined): Promise<BodyFault | undefined> {
    for (let chunk = await this.source.next(); chunk !== undefined; chunk = await this.source.next()) {
      const fault = scanner.scan(chunk);
      if (fault !== undefined) return fault;
      await keeper?.write(chunk);
    }
    return scanner.end();
  }
}

/** A user, at most FRESHNESS_MS old. */
async function userNow(env: Env, username: string): Promise<KnownUser> {
  const user = await policyFor(env, username);
  if (user === undefined) throw new Problem(401, "unauthorized", "this user is no more");
  return user;
}
