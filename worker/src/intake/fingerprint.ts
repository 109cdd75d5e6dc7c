/** What an idempotency key stands for. */
import { sha256, toBase64url, toHex } from "../auth/secrets.ts";
import type { Envelope } from "./envelope.ts";

/** SHA-256 over octets that pass. */
export class BodyDigest {
  readonly #stream = new crypto.DigestStream("SHA-256");
  readonly #writer = this.#stream.getWriter();

  /** `octets` may be written over when this resolves. */
  async write(octets: Uint8Array): Promise<void> {
    await this.#writer.write(octets);
  }

  async end(): Promise<string> {
    await this.#writer.close();
    return toHex(new Uint8Array(await this.#stream.digest));
  }

  /** Nobody asks for it any more. */
  abandon(): void {
    this.#stream.digest.catch(() => undefined);
    this.#writer.abort().catch(() => undefined);
  }
}

/** Of reverse-path, recipients, MT-Priority and body: the same request has the same, any other has another. */
export async function fingerprint({ mailFrom, recipients, mtPriority }: Envelope, body: string): Promise<string> {
  return toBase64url(await sha256(JSON.stringify([mailFrom ?? null, recipients, mtPriority ?? null, body])));
}
