/** A smarthost by SMTP submission (RFC 6409): TLS, AUTH, and what it offers of MT-PRIORITY, SMTPUTF8, 8BITMIME and SIZE. */
import { settings } from "../../settings.ts";
import type { RecipientResult } from "../../outbox/types.ts";
import { MT_PRIORITY, type OpenBody, type Outgoing, type Relay, type RelayLine, RelayUnreachable, forAll, harmless } from "./relay.ts";
import { Connection, type Server } from "./smtp/connection.ts";
import { Dots } from "./smtp/dots.ts";
import { LineCut, type Reply } from "./smtp/reply.ts";

/** Every server takes so many in one transaction (RFC 5321 section 4.5.3.1.8). */
const RECIPIENTS = 100;
/** Replies to MAIL that mean us, not the message: authentication or encryption is wanted. */
const OUR_FAULT = new Set([530, 534, 535, 538]);

export function smarthost(env: Env): Relay {
  const server = serverOf(env);
  return {
    name: "smarthost",
    carries: { mtPriority: true, smtputf8: true, eightBit: true, nullReversePath: true },
    line: () => new SmtpLine(server),
  };
}

/** What the settings say. */
function serverOf(env: Env): Server {
  const { SMARTHOST_URL: smarthost, HOSTNAME: name, SMARTHOST_TIMEOUT_SECONDS: seconds, SMARTHOST_USER: user, SMARTHOST_PASSWORD: password } = settings(env);
  if (smarthost === undefined) throw new TypeError("SMARTHOST_URL is not set");
  return { ...smarthost, name, patience: 1_000 * seconds, ...(user === undefined ? {} : { user, password: password ?? "" }) };
}

/** Keeps its connection from message to message. */
class SmtpLine implements RelayLine {
  readonly #server: Server;
  #connection: Connection | undefined;
  /** A transaction was begun and not ended. */
  #open = false;

  constructor(server: Server) {
    this.#server = server;
  }

  async send(message: Outgoing, body: OpenBody): Promise<RecipientResult[]> {
    const results: RecipientResult[] = [];
    const fit = message.recipients.filter((recipient) => !/[\x00-\x1f\x7f]/.test(recipient));
    for (const recipient of message.recipients) {
      if (!fit.includes(recipient)) results.push({ recipient, outcome: "failed", enhancedCode: "5.1.3", reply: "not an address" });
    }
    let left = fit;
    while (left.length > 0) {
      const now = left.slice(0, RECIPIENTS);
      let done: RecipientResult[];
      try {
        done = await this.#transaction({ ...message, recipients: now }, body);
      } catch (error) {
        // What earlier transactions achieved stands.
        if (!(error instanceof RelayUnreachable) || results.length === 0) throw error;
        done = forAll(left, { outcome: "deferred", enhancedCode: "4.4.1", reply: error.message });
      }
      results.push(...done);
      const settled = new Set(done.map(({ recipient }) => recipient));
      left = left.filter((recipient) => !settled.has(recipient));
    }
    return results;
  }

  /** Results of some of the recipients, of one at least. */
  async #transaction(message: Outgoing, body: OpenBody): Promise<RecipientResult[]> {
    const reused = this.#connection !== undefined;
    try {
      return await this.#try(message, body);
    } catch (error) {
      await this.#drop();
      if (!(error instanceof LineCut)) throw error;
      // A connection that idled may be gone without anybody's fault.
      if (reused && !(error instanceof CutInData)) return this.#transaction(message, body);
      return forAll(message.recipients, { outcome: "deferred", enhancedCode: "4.4.2", reply: error.message });
    }
  }

  async #try(message: Outgoing, body: OpenBody): Promise<RecipientResult[]> {
    const connection = (this.#connection ??= await Connection.open(this.#server));
    const { recipients } = message;
    const parameters = parametersFor(message, connection.extensions);
    if (!Array.isArray(parameters)) return forAll(recipients, parameters);
    if (this.#open) await connection.command("RSET");
    this.#open = true;
    const [mail, ...rcpts] = await connection.commands([
      [`MAIL FROM:<${message.mailFrom ?? ""}>`, ...parameters].join(" "),
      ...recipients.map((recipient) => `RCPT TO:<${recipient}>`),
    ]);
    if (mail === undefined || mail.code !== 250) return await this.#refused(mail, recipients);
    const leave = rcpts.at(-1)?.code === 421 ? rcpts.at(-1) : undefined;
    if (leave !== undefined) {
      await this.#drop();
      return recipients.map((recipient, index) => resultOf(recipient, firstRefusal(rcpts[index], leave)));
    }
    const results: RecipientResult[] = [];
    const taken: string[] = [];
    const surplus: RecipientResult[] = [];
    for (const [index, recipient] of recipients.entries()) {
      const reply = rcpts[index] as Reply;
      if (reply.code === 250 || reply.code === 251) taken.push(recipient);
      // Too many for one transaction: for these another one follows (RFC 5321 section 4.5.3.1.10).
      else if (taken.length > 0 && (reply.code === 452 || reply.code === 552)) surplus.push(resultOf(recipient, reply));
      else results.push(resultOf(recipient, reply));
    }
    if (taken.length === 0) return [...results, ...surplus];
    const last = await this.#data(connection, body);
    const ended = [...results, ...taken.map((recipient) => resultOf(recipient, last))];
    if (last.code === 421) await this.#drop();
    return last.code === 250 ? ended : [...ended, ...surplus];
  }

  async #refused(reply: Reply | undefined, recipients: string[]): Promise<RecipientResult[]> {
    if (reply === undefined) throw new LineCut("no reply to MAIL");
    if (OUR_FAULT.has(reply.code)) throw new RelayUnreachable(`MAIL: ${reply.text}`);
    if (reply.code === 421) await this.#drop();
    return recipients.map((recipient) => resultOf(recipient, reply));
  }

  /** From DATA on nobody knows, when the line is cut, whether the server took it. */
  async #data(connection: Connection, body: OpenBody): Promise<Reply> {
    // The body is at hand before DATA is said.
    const stream = await body();
    const go = await connection.command("DATA");
    if (go.code !== 354) {
      await stream.cancel();
      return go;
    }
    // A server may answer while we still send, and hang up.
    const early = connection.earlyReply();
    early.catch(() => undefined);
    const reader = stream.getReader();
    try {
      const dots = new Dots();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        await connection.write(dots.stuff(value));
      }
      await connection.write(dots.end());
      this.#open = false;
      return await connection.lastReply(early);
    } catch (error) {
      await reader.cancel().catch(() => undefined);
      // Never an end of data after half a message: the connection goes.
      const said = await Promise.race([early, new Promise<undefined>((resolve) => setTimeout(resolve, 1_000))]).catch(() => undefined);
      await this.#drop();
      if (said !== undefined && said.code >= 400) return said;
      if (error instanceof LineCut) throw new CutInData(`in DATA: ${error.message}`);
      throw error;
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

/** What a recipient is told where the server left before there was any data. */
const firstRefusal = (reply: Reply | undefined, leave: Reply): Reply => (reply !== undefined && reply.code >= 500 ? reply : leave);

class CutInData extends LineCut {}

function resultOf(recipient: string, { code, text: reply, enhancedCode }: Reply): RecipientResult {
  const outcome = code < 300 ? "delivered" : code >= 500 ? "failed" : "deferred";
  return { recipient, outcome, reply, enhancedCode };
}

/** The parameters of MAIL; or why the server cannot carry it. */
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
