/** The fingerprint of a request with an idempotency key. */
import { sha256, toBase64url, toHex } from "../auth/secrets.ts";
import type { Envelope } from "./envelope.ts";

/** SHA-256 of a stream. */
export class BodyDigest {
  readonly #stream = new crypto.DigestStream("SHA-256");
  readonly #writer = this.#stream.getWriter();

  /** When this resolves, the caller may reuse `octets`. */
  async write(octets: Uint8Array): Promise<void> {
    await this.#writer.write(octets);
  }

  async end(): Promise<string> {
    await this.#writer.close();
    return toHex(new Uint8Array(await this.#stream.digest));
  }

  /** Stops without a digest. */
  abandon(): void {
    this.#stream.digest.catch(() => undefined);
    this.#writer.abort().catch(() => undefined);
  }
}

/** The digest of reverse-path, recipients, MT-Priority and body: only the same request has the same fingerprint. */
export async function fingerprint({ mailFrom, recipients, mtPriority }: Envelope, body: string): Promise<string> {
  return toBase64url(await sha256(JSON.stringify([mailFrom ?? null, recipients, mtPriority ?? null, body])));
}
