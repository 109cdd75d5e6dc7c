/** A smarthost by SMTP submission (RFC 6409): TLS, AUTH, and what it offers of MT-PRIORITY, SMTPUTF8, 8BITMIME and SIZE. */
import { log } from "../../log.ts";
import { settings } from "../../settings.ts";
import type { RecipientResult } from "../../outbox/types.ts";
import { BODY_UNREAD, BodyLost, MT_PRIORITY, type OpenBody, type Outgoing, type Relay, type RelayLine, RelayUnreachable, forAll, harmless } from "./relay.ts";
import { Connection, type Server } from "./smtp/connection.ts";
import { Dots } from "./smtp/dots.ts";
import { LineCut, type Reply } from "./smtp/reply.ts";

/** Every server accepts so many recipients in one transaction (RFC 5321 section 4.5.3.1.8). */
const RECIPIENTS = 100;
/** Replies to MAIL about the connection, not the message: the server wants authentication or encryption. */
const OUR_FAULT = new Set([530, 534, 535, 538]);

export function smarthost(env: Env): Relay {
  const server = serverOf(env);
  return {
    name: "smarthost",
    carries: { mtPriority: true, smtputf8: true, eightBit: true, nullReversePath: true },
    line: () => new SmtpLine(server),
  };
}

function serverOf(env: Env): Server {
  const { SMARTHOST_URL: smarthost, HOSTNAME: name, SMARTHOST_TIMEOUT_SECONDS: seconds, SMARTHOST_USER: user, SMARTHOST_PASSWORD: password } = settings(env);
  if (smarthost === undefined) throw new TypeError("SMARTHOST_URL is not set");
  return { ...smarthost, name, patience: 1_000 * seconds, ...(user === undefined ? {} : { user, password: password ?? "" }) };
}

/** Reuses its connection for the next message. */
class SmtpLine implements RelayLine {
  readonly #server: Server;
  #connection: Connection | undefined;
  /** A transaction has started and not ended. */
  #open = false;
  /** The end of data is sent: only the reply says whether the server accepted the message. */
  #ended = false;

  constructor(server: Server) {
    this.#server = server;
  }

  async *send(message: Outgoing, body: OpenBody, stop: AbortSignal): AsyncGenerator<RecipientResult[], void> {
    const unfit = message.recipients.filter((recipient) => /[\x00-\x1f\x7f]/.test(recipient));
    if (unfit.length > 0) yield forAll(unfit, { outcome: "failed", enhancedCode: "5.1.3", reply: "not an address" });
    let left = message.recipients.filter((recipient) => !unfit.includes(recipient));
    const hangUp = () => void (this.#ended || this.#drop());
    stop.addEventListener("abort", hangUp);
    try {
      while (left.length > 0 && !stop.aborted) {
        const answered = new Set<string>();
        for await (const results of this.#transaction({ ...message, recipients: left.slice(0, RECIPIENTS) }, body, stop)) {
          for (const { recipient } of results) answered.add(recipient);
          yield results;
        }
        left = left.filter((recipient) => !answered.has(recipient));
      }
    } finally {
      stop.removeEventListener("abort", hangUp);
    }
  }

  /** Results of some recipients: at least one, unless `stop` broke it off. */
  async *#transaction(message: Outgoing, body: OpenBody, stop: AbortSignal): AsyncGenerator<RecipientResult[], void> {
    const reused = this.#connection !== undefined;
    const open = new Set(message.recipients);
    try {
      for await (const results of this.#try(message, body, stop)) {
        for (const { recipient } of results) open.delete(recipient);
        yield results;
      }
    } catch (error) {
      await this.#drop();
      if (stop.aborted) return;
      if (!(error instanceof LineCut)) throw error;
      // The server may close an idle connection.
      if (reused) yield* this.#transaction({ ...message, recipients: [...open] }, body, stop);
      else yield forAll([...open], { outcome: "deferred", enhancedCode: "4.4.2", reply: error.message });
    }
  }

  async *#try(message: Outgoing, body: OpenBody, stop: AbortSignal): AsyncGenerator<RecipientResult[], void> {
    const connection = (this.#connection ??= await Connection.open(this.#server));
    if (stop.aborted) return;
    const { recipients } = message;
    const parameters = parametersFor(message, connection.extensions);
    if (!Array.isArray(parameters)) return void (yield forAll(recipients, parameters));
    if (this.#open) await connection.command("RSET");
    this.#open = true;
    const [mail, ...rcpts] = await connection.commands([
      [`MAIL FROM:<${message.mailFrom ?? ""}>`, ...parameters].join(" "),
      ...recipients.map((recipient) => `RCPT TO:<${recipient}>`),
    ]);
    if (mail === undefined || mail.code !== 250) return void (yield await this.#refused(mail, recipients));
    const leave = rcpts.at(-1)?.code === 421 ? rcpts.at(-1) : undefined;
    if (leave !== undefined) {
      await this.#drop();
      return void (yield recipients.map((recipient, index) => resultOf(recipient, firstRefusal(rcpts[index], leave))));
    }
    const refused: RecipientResult[] = [];
    const taken: string[] = [];
    const surplus: RecipientResult[] = [];
    for (const [index, recipient] of recipients.entries()) {
      const reply = rcpts[index] as Reply;
      if (reply.code === 250 || reply.code === 251) taken.push(recipient);
      // Too many for one transaction: another one follows for these (RFC 5321 section 4.5.3.1.10).
      else if (taken.length > 0 && (reply.code === 452 || reply.code === 552)) surplus.push(resultOf(recipient, reply));
      else refused.push(resultOf(recipient, reply));
    }
    if (refused.length > 0) yield refused;
    if (taken.length === 0) return;
    const last = await this.#data(connection, body, stop);
    if (!("code" in last)) return void (yield forAll(taken, last));
    if (last.code === 421) await this.#drop();
    yield [...taken.map((recipient) => resultOf(recipient, last)), ...(last.code === 250 ? [] : surplus)];
  }

  async #refused(reply: Reply | undefined, recipients: string[]): Promise<RecipientResult[]> {
    if (reply === undefined) throw new LineCut("no reply to MAIL");
    if (OUR_FAULT.has(reply.code)) throw new RelayUnreachable(`MAIL: ${reply.text}`);
    if (reply.code === 421) await this.#drop();
    return recipients.map((recipient) => resultOf(recipient, reply));
  }

  /** The server's reply, or the results without one: after the end of data the server may have accepted the message. */
  async #data(connection: Connection, body: OpenBody, stop: AbortSignal): Promise<Reply | Omit<RecipientResult, "recipient">> {
    // Open the body before sending DATA.
    let reader: ReadableStreamDefaultReader<Uint8Array>;
    try {
      reader = (await body()).getReader();
    } catch (error) {
      if (stop.aborted || error instanceof BodyLost) throw error;
      return BODY_UNREAD;
    }
    const letGo = () => reader.cancel().catch(() => undefined);
    const go = await connection.command("DATA").catch((error: unknown) => letGo().then(() => Promise.reject(error)));
    if (go.code !== 354) {
      await letGo();
      return go;
    }
    // A server may reply before the data ends, and close the connection.
    const early = connection.earlyReply();
    early.catch(() => undefined);
    try {
      const dots = new Dots();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        await connection.write(dots.stuff(value));
      }
      if (stop.aborted) throw new LineCut("stopped");
      this.#ended = true;
      await connection.write(dots.end());
      this.#open = false;
      return await connection.lastReply(early);
    } catch (error) {
      await letGo();
      // Never send the end of data after half a message: close the connection.
      const said = await Promise.race([early, new Promise<undefined>((resolve) => setTimeout(resolve, 1_000))]).catch(() => undefined);
      await this.#drop();
      if (said !== undefined && said.code >= 400) return said;
      if (stop.aborted && !this.#ended) throw error;
      if (error instanceof LineCut) return { outcome: "deferred", enhancedCode: "4.4.2", reply: `in DATA: ${error.message}` };
      log("error", "body-unread", {}, error);
      return BODY_UNREAD;
    } finally {
      this.#ended = false;
    }
  }

  async #drop(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#open = false;
    await connection?.drop();
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.quit();
  }
}

/** The result if the server closed the connection before any data. */
const firstRefusal = (reply: Reply | undefined, leave: Reply): Reply => (reply !== undefined && reply.code >= 500 ? reply : leave);

function resultOf(recipient: string, { code, text: reply, enhancedCode }: Reply): RecipientResult {
  const outcome = code < 300 ? "delivered" : code >= 500 ? "failed" : "deferred";
  return { recipient, outcome, reply, enhancedCode };
}

/** The parameters of MAIL, or why the server cannot carry the message. */
function parametersFor(message: Outgoing, extensions: Map<string, string>): string[] | Omit<RecipientResult, "recipient"> {
  const failed = (enhancedCode: string, reply: string) => ({ outcome: "failed" as const, enhancedCode, reply: harmless(reply) });
  const parameters: string[] = [];
  const limit = Number(extensions.get("SIZE") || 0);
  if (limit > 0 && message.size > limit) return failed("5.3.4", `the server takes at most ${limit} octets`);
  if (extensions.has("SIZE")) parameters.push(`SIZE=${message.size}`);
  if (message.smtputf8) {
    if (!extensions.has("SMTPUTF8")) return failed("5.6.7", "the server does not offer SMTPUTF8, which this message needs");
    parameters.push("SMTPUTF8");
  }
  if (message.eightBit) {
    if (!extensions.has("8BITMIME")) return failed("5.6.3", "the server does not offer 8BITMIME, which this message needs");
    parameters.push("BODY=8BITMIME");
  }
  if (extensions.has("MT-PRIORITY")) parameters.push(`MT-PRIORITY=${MT_PRIORITY[message.level]}`);
  return parameters;
}
