/** Stores a message of unknown length in R2: by one `put` if it fits into a part, otherwise by a multipart upload. */

/** R2 wants all parts but the last of a multipart upload to have one size, which is at least this. */
const PART = 5 * 1024 * 1024;
const FIRST = 64 * 1024;

export class Upload {
  readonly #bucket: R2Bucket;
  readonly #key: string;
  readonly #options: { customMetadata: Record<string, string> };
  #buffer = new Uint8Array(FIRST);
  #filled = 0;
  #multipart: R2MultipartUpload | undefined;
  readonly #parts: R2UploadedPart[] = [];
  /** Octets written. */
  size = 0;

  /** `outbox` is the id of the object that will accept it: the sweep asks it whether the body is still needed. */
  constructor(bucket: R2Bucket, key: string, outbox: string) {
    this.#bucket = bucket;
    this.#key = key;
    this.#options = { customMetadata: { outbox } };
  }

  /** Takes a copy of `octets`. */
  async write(octets: Uint8Array): Promise<void> {
    this.size += octets.length;
    let from = 0;
    while (from < octets.length) {
      const wanted = Math.min(PART, this.#filled + octets.length - from);
      if (wanted > this.#buffer.length) this.#grow(wanted);
      const take = Math.min(octets.length - from, this.#buffer.length - this.#filled);
      this.#buffer.set(octets.subarray(from, from + take), this.#filled);
      this.#filled += take;
      from += take;
      // A full part waits until more octets come, because the last part must be sent as the last.
      if (this.#filled === PART && from < octets.length) await this.#part();
    }
  }

  /** When this resolves, the body is durable. */
  async finish(): Promise<void> {
    if (this.#multipart === undefined) {
      await this.#bucket.put(this.#key, this.#buffer.subarray(0, this.#filled), this.#options);
      return;
    }
    await this.#part();
    await this.#multipart.complete(this.#parts);
  }

  /** Deletes everything that was stored. */
  async abort(): Promise<void> {
    await this.#multipart?.abort();
  }

  /** The buffer must not change while it is being sent, so the next octets wait. */
  async #part(): Promise<void> {
    this.#multipart ??= await this.#bucket.createMultipartUpload(this.#key, this.#options);
    this.#parts.push(await this.#multipart.uploadPart(this.#parts.length + 1, this.#buffer.subarray(0, this.#filled)));
    this.#filled = 0;
  }

  #grow(wanted: number): void {
    let length = this.#buffer.length;
    while (length < wanted) length *= 2;
    const larger = new Uint8Array(Math.min(length, PART));
    larger.set(this.#buffer.subarray(0, this.#filled));
    this.#buffer = larger;
  }
}
