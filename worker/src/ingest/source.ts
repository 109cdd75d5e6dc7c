/** The body of a request as it comes in: counted, and never held whole. */
import { SendergateError, readHeader } from "sendergate";
import { Problem } from "../problem.ts";

/** Of a message, unless the setting says otherwise. */
export const MOST_OCTETS = 25 * 1024 * 1024;

const CHUNK = 64 * 1024;
/** Header sections are mostly shorter; each piece is kept until the section ends. */
const HEADER_CHUNK = 8 * 1024;

/** What is thrown away of a body that nobody wants. */
const DISCARD_OCTETS = 64 * 1024;
const DISCARD_MS = 500;

export interface HeaderSection {
  octets: Uint8Array;
  /** The message ends with it. */
  complete: boolean;
}

export class Source {
  readonly #reader: ReadableStreamBYOBReader | undefined;
  readonly #limit: number;
  /** What was read behind the header section. */
  #rest: Uint8Array | undefined;
  #buffer = new ArrayBuffer(0);
  #size = 0;
  #ended = false;

  /** @throws Problem 413 where the client says itself that it is too much. */
  constructor(request: Request, limit: number) {
    this.#limit = limit;
    if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge(limit);
    // The types of the Workers runtime know the mode, those of Node's do not.
    this.#reader = request.body?.getReader({ mode: "byob" }) as ReadableStreamBYOBReader | undefined;
  }

  /** Octets read so far. */
  get size(): number {
    return this.#size;
  }

  /** @throws Problem 413 (`header-too-large`) without the rest being read. */
  async header(): Promise<HeaderSection> {
    const chunks: Uint8Array[] = [];
    const stream = {
      getReader: () => ({
        read: async () => {
          const value = await this.#read(new ArrayBuffer(HEADER_CHUNK));
          if (value === undefined) return { done: true };
          chunks.push(value);
          return { done: false, value };
        },
        cancel: () => this.cancel(),
        releaseLock: () => undefined,
      }),
    };
    try {
      const { header, headerComplete } = await readHeader(stream);
      const last = chunks.at(-1);
      const behind = this.#size - header.length;
      if (last !== undefined && behind > 0) this.#rest = last.subarray(last.length - behind);
      return { octets: header, complete: headerComplete };
    } catch (error) {
      if (error instanceof SendergateError && error.code === "header-too-large") throw new HeaderTooLarge();
      throw error;
    }
  }

  /** The next octets; they are there until the next call. `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const rest = this.#rest;
    if (rest !== undefined) {
      this.#rest = undefined;
      return rest;
    }
    if (this.#buffer.byteLength === 0) this.#buffer = new ArrayBuffer(CHUNK);
    const value = await this.#read(this.#buffer);
    // The reader has taken the buffer and gives it back with what it read.
    this.#buffer = (value?.buffer as ArrayBuffer | undefined) ?? new ArrayBuffer(0);
    return value;
  }

  async #read(buffer: ArrayBuffer): Promise<Uint8Array | undefined> {
    if (this.#reader === undefined) return undefined;
    const { done, value } = await this.#reader.read(new Uint8Array(buffer)).catch((error: unknown) => {
      // Nobody is there to hear it; whoever catches it clears away what was begun.
      throw new Problem(400, "body-incomplete", `the message did not come in whole: ${String(error)}`);
    });
    if (done || value === undefined) {
      this.#ended = true;
      return undefined;
    }
    this.#size += value.length;
    if (this.#size > this.#limit) {
      await this.cancel();
      throw tooLarge(this.#limit);
    }
    return value;
  }

  /** Nothing more of it is wanted, now. */
  async cancel(): Promise<void> {
    await this.#reader?.cancel().catch(() => undefined);
  }

  /** Nothing more of it is wanted, but a little is read and thrown away: a connection whose request was read can serve the next one. */
  async discard(): Promise<void> {
    if (this.#ended) return;
    const patience = scheduler.wait(DISCARD_MS);
    const read = async (): Promise<number | undefined> => {
      const { done, value } = (await this.#reader?.read(new Uint8Array(DISCARD_OCTETS))) ?? { done: true };
      return done ? undefined : value?.length;
    };
    try {
      for (let left = DISCARD_OCTETS; left > 0; ) {
        const octets = await Promise.race([read(), patience]);
        if (octets === undefined) break;
        left -= octets;
      }
    } catch {
      // The client left, or the body was given up before.
    }
    await this.cancel();
  }
}

/** The header section does not end where it must: the engine has a decision for that. */
export class HeaderTooLarge extends Error {}

function tooLarge(limit: number): Problem {
  const reply = { code: 552, enhancedCode: "5.3.4", text: "the message is over the limit" };
  return new Problem(413, "message-too-large", `the message is larger than ${limit} octets`, { limit, reply });
}
