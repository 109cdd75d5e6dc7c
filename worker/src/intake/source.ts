/** Reads the body of a request in chunks: counted, and never stored whole. */
import { SendergateError, readHeader } from "sendergate";
import { Problem } from "../problem.ts";

const CHUNK = 64 * 1024;
/** Most header sections are shorter; chunks are kept until the section ends. */
const HEADER_CHUNK = 8 * 1024;

/** After its answer, a body over the limit is still read: up to so many times the limit, so long without data, and so long in all. */
const UNWANTED_LIMITS = 2;
const UNWANTED_SILENCE_MS = 2_000;
const UNWANTED_MS = 30_000;
/** How much of an unwanted small body is read, and for how long. */
const TURNED_AWAY_OCTETS = 1024 * 1024;
const TURNED_AWAY_MS = 3_000;
/** For how long the rest of a body within the limit is read. */
const DISCARD_MS = 30_000;

/** Bodies over the limit, by their requests: the answer goes first, see `answerFirst`. */
const unwanted = new WeakMap<Request, Source>();

export interface HeaderSection {
  octets: Uint8Array;
  /** The message has no more than this. */
  complete: boolean;
}

export class Source {
  readonly #reader: ReadableStreamBYOBReader | undefined;
  readonly #request: Request;
  readonly #limit: number;
  /** The octets that the client announces; 0 if it does not. */
  readonly #announced: number;
  /** Octets that were read after the header section. */
  #rest: Uint8Array | undefined;
  #buffer = new ArrayBuffer(0);
  #size = 0;
  #ended = false;
  #tooLarge = false;

  constructor(request: Request, limit: number) {
    this.#request = request;
    this.#limit = limit;
    this.#announced = Number(request.headers.get("content-length") ?? 0);
    this.#tooLarge = this.#announced > limit;
    // The types of the Workers runtime have this mode, those of Node do not.
    this.#reader = request.body?.getReader({ mode: "byob" }) as ReadableStreamBYOBReader | undefined;
  }

  /** Octets read so far. */
  get size(): number {
    return this.#size;
  }

  /** @throws Problem 413 if the client announces too much; HeaderTooLarge. Neither reads the rest. */
  async header(): Promise<HeaderSection> {
    if (this.#tooLarge) throw tooLarge(this.#limit);
    const chunks: Uint8Array[] = [];
    const stream = {
      getReader: () => ({
        read: async () => {
          const value = await this.#read(new ArrayBuffer(HEADER_CHUNK));
          if (value === undefined) return { done: true };
          chunks.push(value);
          return { done: false, value };
        },
        cancel: async () => undefined,
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
      if (!(error instanceof SendergateError && error.code === "header-too-large")) throw error;
      this.#tooLarge = true;
      throw new HeaderTooLarge(Buffer.concat(chunks));
    }
  }

  /** The next octets, valid until the next call. `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#tooLarge) throw tooLarge(this.#limit);
    const rest = this.#rest;
    if (rest !== undefined) {
      this.#rest = undefined;
      return rest;
    }
    if (this.#buffer.byteLength === 0) this.#buffer = new ArrayBuffer(CHUNK);
    const value = await this.#read(this.#buffer);
    // The read takes the buffer and returns it with the data.
    this.#buffer = (value?.buffer as ArrayBuffer | undefined) ?? new ArrayBuffer(0);
    return value;
  }

  async #read(buffer: ArrayBuffer): Promise<Uint8Array | undefined> {
    if (this.#reader === undefined) return undefined;
    const { done, value } = await this.#reader.read(new Uint8Array(buffer)).catch(() => {
      // The client has gone. The caller that catches this cleans up.
      throw new Problem(400, "body-incomplete", "the message did not come in whole; send it again");
    });
    if (done || value === undefined) {
      this.#ended = true;
      return undefined;
    }
    this.#size += value.length;
    if (this.#size > this.#limit) {
      this.#tooLarge = true;
      throw tooLarge(this.#limit);
    }
    return value;
  }

  /** Stops reading at once. */
  async cancel(): Promise<void> {
    await this.#reader?.cancel().catch(() => undefined);
  }

  /**
   * Reads and discards the rest: many clients read the answer only after they have sent everything, and do not see it if the connection
   * closes before. For a body over the limit, the answer goes first.
   */
  async discard(): Promise<void> {
    if (this.#ended) return;
    if (!this.#tooLarge) {
      const left = await this.#drop(this.#limit - this.#size + 1, DISCARD_MS, DISCARD_MS);
      if (left > 0) return this.cancel();
    }
    unwanted.set(this.#request, this);
  }

  /** Reads and discards a small unwanted body, so that its client sees the answer; of a larger one it reads nothing. */
  async turnAway(): Promise<void> {
    if (this.#announced <= TURNED_AWAY_OCTETS) await this.#drop(TURNED_AWAY_OCTETS, TURNED_AWAY_MS, TURNED_AWAY_MS);
    await this.cancel();
  }

  /** Reads and discards the rest of a body after the answer, within limits. */
  async dropUnwanted(): Promise<void> {
    await this.#drop(UNWANTED_LIMITS * this.#limit - this.#size, UNWANTED_MS, UNWANTED_SILENCE_MS);
    await this.cancel();
  }

  /** Reads up to `most` octets. Returns how many did not arrive, because the body ended, or the client stopped or disconnected. */
  async #drop(most: number, milliseconds: number, silence: number): Promise<number> {
    const end = Date.now() + milliseconds;
    let left = most;
    try {
      while (left > 0 && Date.now() < end) {
        const read = this.#reader?.read(new Uint8Array(CHUNK)).then(({ done, value }) => (done ? undefined : value?.length));
        const got = await Promise.race([read, scheduler.wait(Math.min(silence, Math.max(1, end - Date.now())))]);
        if (got === undefined) break;
        left -= got;
      }
    } catch {
      // The client disconnected, or reading was stopped before.
    }
    return left;
  }
}

/**
 * `response` for a body over the limit: it goes out at once, and what the client still sends is read for a while and discarded. Closing
 * a connection with unread octets resets it, and a client that is still sending would see the reset instead of the answer
 * (RFC 9112 section 9.6).
 */
export async function answerFirst(request: Request, response: Response, waitUntil: (work: Promise<unknown>) => void): Promise<Response> {
  const source = unwanted.get(request);
  if (source === undefined) return response;
  const octets = new Uint8Array(await response.arrayBuffer());
  // The body can be read only until the answer ends. The client sees by Content-Length that it has all of it.
  const { readable, writable } = new FixedLengthStream(octets.length);
  const speak = async () => {
    const writer = writable.getWriter();
    await writer.write(octets);
    await source.dropUnwanted();
    await writer.close();
  };
  waitUntil(speak().catch(() => undefined));
  return new Response(readable, response);
}

/** The header section is too long: the engine has a decision for that. */
export class HeaderTooLarge extends Error {
  /** The part that was read. */
  readonly octets: Uint8Array;

  constructor(octets: Uint8Array) {
    super("the header section does not end within the engine's limit");
    this.octets = octets;
  }
}

function tooLarge(limit: number): Problem {
  const reply = { code: 552, enhancedCode: "5.3.4", text: "the message is over the limit" };
  return new Problem(413, "message-too-large", `the message is larger than ${limit} octets`, { limit, reply });
}
