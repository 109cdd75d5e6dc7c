/**
 * One message on its way in, up to the last step: header section, verdict, body. Who checks and who sends take this same way; whatever
 * stores a message is handed in, and a check hands in nothing.
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

/** What takes the octets of a message that may leave, as far as it has come. */
export interface Keeper {
  begin(header: HeaderSection, decision: Decision, user: KnownUser): Promise<void>;
  /** The next octets of the body; they are there until this resolves. */
  write(octets: Uint8Array): Promise<void>;
}

export interface Judged {
  decision: Decision;
  /** Why it may not leave, where it may not. */
  refusal?: Problem;
  /** The body has octets above 127. */
  eightBit: boolean;
}

/** Where nothing is remembered, no user is read twice within this. */
const MOMENT_MS = 100;

export class Intake {
  readonly source: Source;
  /** As the log shows it. */
  subject: string | undefined;
  readonly #env: Env;
  readonly #envelope: Envelope;
  /** Without a body the reverse-path alone is judged. */
  readonly #bodyOptional: boolean;
  /** Read with the credentials, and again where a message takes longer than a user may be remembered. */
  #user: KnownUser;

  constructor(env: Env, request: Request, { user }: Sender, envelope: Envelope, { bodyOptional = false } = {}) {
    this.#env = env;
    this.#user = user;
    this.#envelope = envelope;
    this.#bodyOptional = bodyOptional;
    this.source = new Source(request, settings(env).MAX_MESSAGE_BYTES);
  }

  /** @throws Problem where there is no decision: the message is too large, goes round in circles, or does not come in whole. */
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
    // Whoever takes minutes to hand in a message is judged by what holds at its end. Its level stays: the header that is stored shows it.
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
      // The engine has a decision for that, by as much of it as was read.
      return { header: { octets: error.octets, complete: false }, tooLarge: true, received: 0 };
    }
  }

  /** Reads the user again where it is older than a decision may be made by. Answers whether it did. */
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

  /** Its fault, where it has one: what comes behind that is not looked at. */
  async #body(scanner: Scanner, keeper: Keeper | undefined): Promise<BodyFault | undefined> {
    for (let chunk = await this.source.next(); chunk !== undefined; chunk = await this.source.next()) {
      const fault = scanner.scan(chunk);
      if (fault !== undefined) return fault;
      await keeper?.write(chunk);
    }
    return scanner.end();
  }
}

/** A user as it is now, or was at most FRESHNESS_MS ago. */
async function userNow(env: Env, username: string): Promise<KnownUser> {
  const user = await policyFor(env, username);
  if (user === undefined) throw new Problem(401, "unauthorized", "this user is no more");
  return user;
}
