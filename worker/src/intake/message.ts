/** One message on its way in: judged by its header section, scanned and stored as it streams, accepted when all of it is durable. */
import { waitUntil } from "cloudflare:workers";
import { type BodyFault, type Decision, headerEdits, headerFacts, version } from "sendergate";
import type { Sender } from "../auth/sender.ts";
import { settings } from "../settings.ts";
import { messageId } from "../ids.ts";
import type { LogEvent } from "../outbox/event.ts";
import { keptDecision } from "../outbox/kept.ts";
import { type OutboxStub, outboxFor } from "../outbox/names.ts";
import type { Acceptance, AcceptanceAnswer } from "../outbox/types.ts";
import { decide, engine } from "../directory/policy.ts";
import { Problem } from "../problem.ts";
import { edited } from "./edited.ts";
import type { Envelope } from "./envelope.ts";
import { BodyDigest, fingerprint } from "./fingerprint.ts";
import { FAULTS, decideFaulty, decideTooLarge, headerTooLarge, inactive, submission, userNow } from "./judge.ts";
import { type LineEnd, Scanner, lineEndOf, withCrlf } from "./scan.ts";
import { type HeaderSection, HeaderTooLarge, Source } from "./source.ts";
import { MOST_RECEIVED, received } from "./trace.ts";
import { Upload } from "./upload.ts";

export interface Accepted {
  id: string;
  decision: Decision;
}

type CompleteEnvelope = Envelope & { mailFrom: string | null };

export class Message {
  readonly #id = messageId();
  readonly #env: Env;
  readonly #sender: Sender;
  readonly #envelope: CompleteEnvelope;
  readonly #key: string | undefined;
  readonly #source: Source;
  readonly #outbox;
  #subject: string | undefined;

  constructor(env: Env, request: Request, sender: Sender, envelope: CompleteEnvelope, key: string | undefined) {
    this.#env = env;
    this.#sender = sender;
    this.#envelope = envelope;
    this.#key = key;
    this.#source = new Source(request, settings(env).MAX_MESSAGE_BYTES);
    this.#outbox = this.#stub();
  }

  #stub(): OutboxStub {
    const { listId, username } = this.#sender.user;
    return outboxFor(this.#env, listId, this.#key === undefined ? this.#id : `${username} ${this.#key}`);
  }

  /** @throws Problem for whatever keeps it from being accepted; then nothing of it is left but what the log says. */
  async submit(): Promise<Accepted> {
    try {
      if (this.#key === undefined) return await this.#take();
      return await this.#takeOnce(this.#key);
    } finally {
      await this.#source.discard();
    }
  }

  async #takeOnce(key: string): Promise<Accepted> {
    const { active, username } = this.#sender.user;
    // A repeat too wants a user that may send.
    if (!active) return this.#take();
    const claim = await this.#outbox.claim(username, key);
    if (claim.outcome === "in-flight") {
      const detail = "a request with this `Idempotency-Key` is still under way";
      throw new Problem(409, "key-in-flight", detail, {}, { "retry-after": "1" });
    }
    if (claim.outcome === "key-reused") throw keyReused();
    if (claim.outcome === "repeated") {
      if ((await this.#fingerprint()) !== claim.fingerprint) throw keyReused();
      return { id: claim.id, decision: claim.decision };
    }
    try {
      return await this.#take();
    } catch (error) {
      // What was accepted keeps its key; a claim that came to nothing is given back.
      waitUntil(this.#outbox.release(username, key).catch(complain("claim-not-released")));
      throw error;
    }
  }

  /** Of a repeat: it is read to be compared, and nothing of it is stored. */
  async #fingerprint(): Promise<string> {
    const digest = new BodyDigest();
    try {
      for (let chunk = await this.#source.next(); chunk !== undefined; chunk = await this.#source.next()) await digest.write(chunk);
      return await fingerprint(this.#envelope, await digest.end());
    } catch (error) {
      digest.abandon();
      throw error;
    }
  }

  async #take(): Promise<Accepted> {
    const { username } = this.#sender.user;
    const header = await this.#header();
    const facts = headerFacts(header.octets);
    this.#subject = facts.subject;
    const lineEnd = lineEndOf(header.octets);
    const user = await userNow(this.#env, username);
    const decision = await this.#decide(header);
    const decidedAt = Date.now();
    refuseLoop(facts.received);

    const upload = new Upload(this.#env.BODIES, `bodies/${this.#id}`, this.#outbox.id.toString());
    const digest = this.#key === undefined ? undefined : new BodyDigest();
    const scanner = new Scanner(lineEnd);
    let fault: BodyFault | undefined;
    const section = this.#completed(header, decision, decidedAt, user.stampPriority);
    try {
      const trace = { host: settings(this.#env).HOSTNAME, id: this.#id, at: decidedAt };
      const { client } = this.#sender;
      const first = received({ ...trace, ...(client === undefined ? {} : { client }) }, lineEnd);
      await digest?.write(header.octets);
      await upload.write(outgoing(Buffer.concat([Buffer.from(first, "latin1"), section]), lineEnd));
      for (let chunk = await this.#source.next(); chunk !== undefined; chunk = await this.#source.next()) {
        fault = scanner.scan(chunk);
        if (fault !== undefined) break;
        await digest?.write(chunk);
        await upload.write(outgoing(chunk, lineEnd));
      }
      fault ??= scanner.end();
      // Last, since it is the dearest: what failed before has stored no more than parts of an upload.
      if (fault === undefined) await upload.finish();
    } catch (error) {
      digest?.abandon();
      await upload.abort().catch(complain("upload-not-aborted"));
      throw error;
    }
    if (fault !== undefined) {
      digest?.abandon();
      await upload.abort().catch(complain("upload-not-aborted"));
      return this.#refuseFaulty(header, fault);
    }
    return this.#accept(header, decision, decidedAt, {
      size: upload.size,
      smtputf8: section.some((octet) => octet > 127) || [this.#envelope.mailFrom ?? "", ...this.#envelope.recipients].some(beyondAscii),
      eightBit: scanner.eightBit,
      ...(digest === undefined || this.#key === undefined
        ? {}
        : { idempotency: { key: this.#key, fingerprint: await fingerprint(this.#envelope, await digest.end()) } }),
    });
  }

  /** The header section as a submission agent sends it on (RFC 6409 section 8). */
  #completed({ octets, complete }: HeaderSection, { priority }: Decision, at: number, stamp: boolean): Uint8Array {
    const { HOSTNAME: host } = settings(this.#env);
    const options = { host, messageId: `${this.#id}@${host}`, date: new Date(at), headerComplete: complete };
    const stamped = priority.capped || stamp ? { ...options, stamp: priority } : options;
    return edited(octets, engine(() => headerEdits(octets, stamped)));
  }

  async #header(): Promise<HeaderSection> {
    try {
      return await this.#source.header();
    } catch (error) {
      if (!(error instanceof HeaderTooLarge)) throw error;
      const decision = await decideTooLarge(this.#env, this.#sender.user.username, this.#envelope, error);
      return this.#refuse(headerTooLarge(decision), decision);
    }
  }

  /** @throws Problem where it may not leave. */
  async #decide(header: HeaderSection): Promise<Decision> {
    const user = await userNow(this.#env, this.#sender.user.username);
    const decision = await decide(this.#env, user, submission(this.#envelope, header));
    if (decision.action !== "block") return decision;
    // Every refusal of a sender is 5.7.1; what else is refused is the message itself.
    if (decision.reply.enhancedCode !== "5.7.1") {
      return this.#refuse(new Problem(422, "malformed-message", decision.reply.text), decision);
    }
    if (decision.reason === "user-inactive") return this.#refuse(inactive(), decision);
    return this.#refuse(new Problem(403, "sender-refused", decision.reply.text), decision);
  }

  async #refuseFaulty(header: HeaderSection, fault: BodyFault): Promise<never> {
    const decision = await decideFaulty(this.#env, this.#sender.user.username, this.#envelope, header, fault);
    return this.#refuse(new Problem(422, "malformed-message", FAULTS[fault]), decision);
  }

  /** The log and the Alert Center hear of it before the client does. */
  async #refuse({ status, code, message }: Problem, decision: Decision): Promise<never> {
    const answer = await this.#outbox.refused(this.#event(decision, false));
    if (answer.outcome === "too-many") throw tooMany(answer.retryAfterSeconds);
    throw new Problem(status, code, message, { id: this.#id, decision });
  }

  async #accept(
    header: HeaderSection,
    first: Decision,
    decidedAt: number,
    stored: Pick<Acceptance, "size" | "smtputf8" | "eightBit" | "idempotency">,
  ): Promise<Accepted> {
    const { listId, username } = this.#sender.user;
    let decision = first;
    let answer: AcceptanceAnswer;
    try {
      // Whoever takes minutes to hand in a message is judged by what holds at its end.
      if (Date.now() - decidedAt > 1_000) decision = await this.#decide(header);
      const { mailFrom, recipients } = this.#envelope;
      const level = decision.priority.effective;
      const event = this.#event(decision, true);
      const acceptance = { id: this.#id, listId, username, mailFrom, recipients, level, ...stored, event };
      answer = await this.#committed(acceptance);
    } catch (error) {
      // After a fault of the outbox nobody knows whether it has the message: then the sweep decides about the body.
      if (error instanceof Problem) await this.#forget();
      throw error;
    }
    if (answer.outcome === "accepted") return { id: answer.id, decision };
    // Of our own that was answered twice.
    if (answer.outcome === "repeated" && answer.id === this.#id) return { id: this.#id, decision };
    await this.#forget();
    if (answer.outcome === "repeated") return { id: answer.id, decision: answer.decision };
    throw answer.outcome === "key-reused" ? keyReused() : tooMany(answer.retryAfterSeconds);
  }

  /** Asked again where the line broke: the same id twice is one message. */
  async #committed(acceptance: Acceptance): Promise<AcceptanceAnswer> {
    try {
      return await this.#outbox.accept(acceptance);
    } catch (error) {
      complain("outbox-asked-again")(error);
      // A stub whose object failed stays broken.
      const answer = await this.#stub().accept(acceptance);
      // Perhaps the first was counted: its body must stay.
      if (answer.outcome === "too-many") throw error;
      return answer;
    }
  }

  /** The body goes; where that fails, the sweep finds it. */
  async #forget(): Promise<void> {
    await this.#env.BODIES.delete(`bodies/${this.#id}`).catch(complain("body-not-removed"));
  }

  #event(decision: Decision, accepted: boolean): LogEvent {
    const { user, client } = this.#sender;
    return {
      id: this.#id,
      at: Date.now(),
      listId: user.listId,
      username: user.username,
      mailFrom: this.#envelope.mailFrom,
      recipients: this.#envelope.recipients,
      size: this.#source.size,
      ...(client === undefined ? {} : { client }),
      ...(this.#subject === undefined ? {} : { subject: this.#subject }),
      decision: keptDecision(decision),
      engine: version,
      accepted,
    };
  }
}

/** @throws Problem 422 where the message has gone round too often: so many `Received` fields it has. */
export function refuseLoop(count: number): void {
  if (count <= MOST_RECEIVED) return;
  const reply = { code: 554, enhancedCode: "5.4.6", text: "routing loop detected: too many Received fields" };
  throw new Problem(422, "routing-loop", `the message has more than ${MOST_RECEIVED} \`Received\` fields`, { reply });
}

const outgoing = (octets: Uint8Array, lineEnd: LineEnd): Uint8Array => (lineEnd === "lf" ? withCrlf(octets) : octets);
// eslint-disable-next-line no-control-regex
const beyondAscii = (text: string): boolean => /[^\u0000-\u007f]/.test(text);

const keyReused = () =>
  new Problem(422, "key-reused", "this `Idempotency-Key` stands for another request", { parameter: "Idempotency-Key" });
const tooMany = (seconds: number) =>
  new Problem(429, "too-many-messages", "this user has sent too many messages; `Retry-After` says when to come back", {}, {
    "retry-after": String(seconds),
  });

const complain = (event: string) => (error: unknown) =>
  console.error(JSON.stringify({ level: "warning", event, message: String(error) }));
