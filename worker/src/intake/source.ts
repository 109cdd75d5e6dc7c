/** The body of a request as it comes in: counted, and never held whole. */
import { SendergateError, readHeader } from "sendergate";
import { Problem } from "../problem.ts";

const CHUNK = 64 * 1024;
/** Header sections are mostly shorter; each piece is kept until the section ends. */
const HEADER_CHUNK = 8 * 1024;

/** A body over the limit is read, when its answer is on its way, up to so many times the limit, through so much silence, for so long. */
const UNWANTED_LIMITS = 2;
const UNWANTED_SILENCE_MS = 2_000;
const UNWANTED_MS = 30_000;
/** What is taken off the line of a small body of which nothing is wanted at all, and how long that is waited for. */
const TURNED_AWAY_OCTETS = 1024 * 1024;
const TURNED_AWAY_MS = 3_000;
/** How long the rest of one that is not over it is waited for. */
const DISCARD_MS = 30_000;

/** Those over the limit, by their requests: the answer goes first, see `answerFirst`. */
const unwanted = new WeakMap<Request, Source>();

export interface HeaderSection {
  octets: Uint8Array;
  /** The message ends with it. */
  complete: boolean;
}

export class Source {
  readonly #reader: ReadableStreamBYOBReader | undefined;
  readonly #request: Request;
  readonly #limit: number;
  /** Octets, as the client says itself; 0 where it does not. */
  readonly #announced: number;
  /** What was read behind the header section. */
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
    // The types of the Workers runtime know the mode, those of Node's do not.
    this.#reader = request.body?.getReader({ mode: "byob" }) as ReadableStreamBYOBReader | undefined;
  }

  /** Octets read so far. */
  get size(): number {
    return this.#size;
  }

  /** @throws Problem 413 where the client says itself that it is too much; HeaderTooLarge. Neither reads the rest. */
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

  /** The next octets; they are there until the next call. `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#tooLarge) throw tooLarge(this.#limit);
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
    const { done, value } = await this.#reader.read(new Uint8Array(buffer)).catch(() => {
      // Nobody is there to hear it; whoever catches it clears away what was begun.
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

  /** Nothing more of it is wanted, now. */
  async cancel(): Promise<void> {
    await this.#reader?.cancel().catch(() => undefined);
  }

  /**
   * Nothing more of it is wanted, but it is read and thrown away: many a client listens only when it has said all, and a connection
   * that is closed upon it never tells it why. What is over the limit is not waited for: its answer goes first.
   */
  async discard(): Promise<void> {
    if (this.#ended) return;
    if (!this.#tooLarge) {
      const left = await this.#drop(this.#limit - this.#size + 1, DISCARD_MS, DISCARD_MS);
      if (left > 0) return this.cancel();
    }
    unwanted.set(this.#request, this);
  }

  /** Nothing of it is wanted: a small one is let in so that its client hears the answer, of a larger one nothing is read. */
  async turnAway(): Promise<void> {
    if (this.#announced <= TURNED_AWAY_OCTETS) await this.#drop(TURNED_AWAY_OCTETS, TURNED_AWAY_MS, TURNED_AWAY_MS);
    await this.cancel();
  }

  /** What still comes of a body whose answer was given, as far as that is worth it. */
  async dropUnwanted(): Promise<void> {
    await this.#drop(UNWANTED_LIMITS * this.#limit - this.#size, UNWANTED_MS, UNWANTED_SILENCE_MS);
    await this.cancel();
  }

  /** Reads up to `most` octets. Answers with how many of them did not come, because the body ended, or its client fell silent or left. */
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
      // The client left, or the body was given up before.
    }
    return left;
  }
}

/**
 * `response` for a body that is over the limit: the client hears it at once, and what it still sends meanwhile is read for a while and
 * dropped. A connection that is closed upon unread octets is reset, and a client that is still sending would be told of that instead of
 * the answer (RFC 9112 section 9.6).
 */
export async function answerFirst(request: Request, response: Response, waitUntil: (work: Promise<unknown>) => void): Promise<Response> {
  const source = unwanted.get(request);
  if (source === undefined) return response;
  const octets = new Uint8Array(await response.arrayBuffer());
  // While the answer has not ended the request's body can be read; that all of it was said the client sees by its length.
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

/** The header section does not end where it must: the engine has a decision for that. */
export class HeaderTooLarge extends Error {
  /** As much of it as was read. */
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
