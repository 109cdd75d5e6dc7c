/** Puts a message of unknown length into R2: one `put` where it fits into a part, a multipart upload where it does not. */

/** Of a multipart upload all parts but the last are equal in size, and none of them smaller than this. */
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

  /** `outbox` is the id of the object that is to accept it: the sweep asks there whether the body is still wanted. */
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
      // The last part is whatever is left at the end, so a full one waits until it is known that more comes.
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

  /** Leaves nothing of what was begun. */
  async abort(): Promise<void> {
    await this.#multipart?.abort();
  }

  /** The buffer is not written to while it is on its way: the next octets wait. */
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
