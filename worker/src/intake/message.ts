/** Sends a message: what may leave is stored, and accepted when it is durable; what may not goes to the log. */
import { waitUntil } from "cloudflare:workers";
import { type Decision, version } from "sendergate";
import type { Sender } from "../auth/sender.ts";
import { messageId } from "../ids.ts";
import { log } from "../log.ts";
import type { LogEvent } from "../outbox/event.ts";
import { keptEvent } from "../outbox/kept.ts";
import { type OutboxStub, outboxFor } from "../outbox/names.ts";
import type { Acceptance, AcceptanceAnswer } from "../outbox/types.ts";
import { Problem } from "../problem.ts";
import { settings } from "../settings.ts";
import type { CompleteEnvelope } from "./envelope.ts";
import { BodyDigest, fingerprint } from "./fingerprint.ts";
import { Intake, type Judged } from "./intake.ts";
import { Keeping } from "./keeping.ts";
import { withDecision } from "./refusal.ts";
import type { Trace } from "./trace.ts";

export interface Accepted {
  id: string;
  decision: Decision;
}

export class Message {
  readonly #id = messageId();
  readonly #env: Env;
  readonly #sender: Sender;
  readonly #envelope: CompleteEnvelope;
  readonly #key: string | undefined;
  readonly #intake: Intake;
  readonly #outbox;

  constructor(env: Env, request: Request, sender: Sender, envelope: CompleteEnvelope, key: string | undefined) {
    this.#env = env;
    this.#sender = sender;
    this.#envelope = envelope;
    this.#key = key;
    this.#intake = new Intake(env, request, sender, envelope);
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
      await this.#intake.source.discard();
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
    const { source } = this.#intake;
    try {
      for (let chunk = await source.next(); chunk !== undefined; chunk = await source.next()) await digest.write(chunk);
      return await fingerprint(this.#envelope, await digest.end());
    } catch (error) {
      digest.abandon();
      throw error;
    }
  }

  async #take(): Promise<Accepted> {
    const keeping = new Keeping(this.#env, this.#trace(), this.#outbox.id.toString(), this.#key !== undefined);
    let judged: Judged;
    let body: string | undefined;
    try {
      judged = await this.#intake.judge(keeping);
      // Last, since it is the dearest: what failed before has stored no more than parts of an upload.
      if (judged.refusal === undefined) body = await keeping.finish();
    } catch (error) {
      await keeping.abort().catch(complain("upload-not-aborted"));
      throw error;
    }
    const { decision, refusal, eightBit } = judged;
    if (refusal !== undefined) {
      await keeping.abort().catch(complain("upload-not-aborted"));
      return this.#refuse(refusal, decision);
    }
    const { mailFrom, recipients } = this.#envelope;
    return this.#accept(decision, {
      size: keeping.size,
      smtputf8: keeping.eightBitHeader || [mailFrom ?? "", ...recipients].some(beyondAscii),
      eightBit,
      ...(body === undefined || this.#key === undefined
        ? {}
        : { idempotency: { key: this.#key, fingerprint: await fingerprint(this.#envelope, body) } }),
    });
  }

  /** What is said of it to whoever gets it. */
  #trace(): Trace {
    const { user: _, client, ...others } = this.#sender;
    return { id: this.#id, ...others, ...(client === undefined || settings(this.#env).HIDE_CLIENT_ADDRESS ? {} : { client }) };
  }

  /** The log and the Alert Center hear of it before the client does. */
  async #refuse(refusal: Problem, decision: Decision): Promise<never> {
    await this.#outbox.refused(this.#event(decision, false));
    throw withDecision(refusal, decision, { id: this.#id });
  }

  async #accept(decision: Decision, stored: Pick<Acceptance, "size" | "smtputf8" | "eightBit" | "idempotency">): Promise<Accepted> {
    const { listId, username } = this.#sender.user;
    const { mailFrom, recipients } = this.#envelope;
    const level = decision.priority.effective;
    // After a fault of the outbox nobody knows whether it has the message: then the sweep decides about the body.
    const answer = await this.#committed({ id: this.#id, listId, username, mailFrom, recipients, level, ...stored, event: this.#event(decision, true) });
    if (answer.outcome === "accepted") return { id: answer.id, decision };
    // Of our own that was answered twice.
    if (answer.outcome === "repeated" && answer.id === this.#id) return { id: this.#id, decision };
    await this.#forget();
    if (answer.outcome === "repeated") return { id: answer.id, decision: answer.decision };
    throw keyReused();
  }

  /** Asked again where the line broke: the same id twice is one message. */
  async #committed(acceptance: Acceptance): Promise<AcceptanceAnswer> {
    try {
      return await this.#outbox.accept(acceptance);
    } catch (error) {
      complain("outbox-asked-again")(error);
      // A stub whose object failed stays broken.
      return await this.#stub().accept(acceptance);
    }
  }

  /** The body goes; where that fails, the sweep finds it. */
  async #forget(): Promise<void> {
    await this.#env.BODIES.delete(`bodies/${this.#id}`).catch(complain("body-not-removed"));
  }

  #event(decision: Decision, accepted: boolean): LogEvent {
    const { user, client } = this.#sender;
    const { subject } = this.#intake;
    const event = {
      id: this.#id,
      at: Date.now(),
      listId: user.listId,
      username: user.username,
      mailFrom: this.#envelope.mailFrom,
      recipients: this.#envelope.recipients,
      size: this.#intake.source.size,
      ...(client === undefined ? {} : { client }),
      ...(subject === undefined ? {} : { subject }),
      decision,
      engine: version,
      accepted,
    };
    return keptEvent(event, settings(this.#env).LOGGED_DECISION_BYTES);
  }
}

// eslint-disable-next-line no-control-regex
const beyondAscii = (text: string): boolean => /[^\u0000-\u007f]/.test(text);

const keyReused = () =>
  new Problem(422, "key-reused", "this `Idempotency-Key` stands for another request", { parameter: "Idempotency-Key" });

const complain = (event: string) => (error: unknown) => log("warning", event, {}, error);
