/** Stores a message that may leave in R2 while it arrives, with the changes of a submission agent (RFC 6409 section 8). */
import { type Decision, headerEdits } from "sendergate";
import { type KnownUser, engine } from "../directory/policy.ts";
import { settings } from "../settings.ts";
import { edited } from "./edited.ts";
import { BodyDigest } from "./fingerprint.ts";
import type { Keeper } from "./intake.ts";
import { type LineEnd, lineEndOf, withCrlf } from "./scan.ts";
import type { HeaderSection } from "./source.ts";
import { type Trace, received } from "./trace.ts";
import { Upload } from "./upload.ts";

export class Keeping implements Keeper {
  readonly #host: string;
  readonly #trace: Trace;
  readonly #upload: Upload;
  readonly #digest: BodyDigest | undefined;
  #lineEnd: LineEnd = "crlf";
  /** The header section has octets above 127. */
  eightBitHeader = false;

  /** `outbox` is the id of the object that will accept it; `digested`: also make a digest of the message. */
  constructor(env: Env, trace: Trace, outbox: string, digested: boolean) {
    this.#host = settings(env).HOSTNAME;
    this.#trace = trace;
    this.#upload = new Upload(env.BODIES, `bodies/${trace.id}`, outbox);
    this.#digest = digested ? new BodyDigest() : undefined;
  }

  /** Octets stored. */
  get size(): number {
    return this.#upload.size;
  }

  async begin(header: HeaderSection, decision: Decision, user: KnownUser): Promise<void> {
    this.#lineEnd = lineEndOf(header.octets);
    const now = new Date();
    const section = this.#completed(header, decision, user.stampPriority, now);
    this.eightBitHeader = section.some((octet) => octet > 127);
    await this.#digest?.write(header.octets);
    await this.#put(Buffer.concat([Buffer.from(received(this.#trace, this.#host, now, this.#lineEnd), "latin1"), section]));
  }

  async write(octets: Uint8Array): Promise<void> {
    await this.#digest?.write(octets);
    await this.#put(octets);
  }

  /** When this resolves, the message is durable. Returns the digest of what came in. */
  async finish(): Promise<string | undefined> {
    await this.#upload.finish();
    return this.#digest?.end();
  }

  /** Deletes everything that was stored. */
  async abort(): Promise<void> {
    this.#digest?.abandon();
    await this.#upload.abort();
  }

  #put(octets: Uint8Array): Promise<void> {
    return this.#upload.write(this.#lineEnd === "lf" ? withCrlf(octets) : octets);
  }

  #completed({ octets, complete }: HeaderSection, { priority }: Decision, stamp: boolean, date: Date): Uint8Array {
    const options = { host: this.#host, messageId: `${this.#trace.id}@${this.#host}`, date, headerComplete: complete };
    const stamped = priority.capped || stamp ? { ...options, stamp: priority } : options;
    return edited(octets, engine(() => headerEdits(octets, stamped)));
  }
}
