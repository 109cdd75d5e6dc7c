/** Reads the replies of an SMTP server (RFC 5321 section 4.2), with limits on time and size. */
import { within } from "../../../clock.ts";
import { harmless } from "../relay.ts";

export interface Reply {
  code: number;
  /** RFC 3463; derived from the code if the server sends none. */
  enhancedCode: string;
  /** Code and text in one line of printable ASCII. */
  text: string;
  /** The text after the code, line by line, as the server sent it. */
  lines: string[];
}

/** The connection broke, or the server does not speak SMTP. The message is printable ASCII. */
export class LineCut extends Error {}

const LONGEST_LINE = 4_096;
const MOST_LINES = 256;

/** Reads replies from the octets of one connection. */
export class ReplyReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** Whether the server sent more than one reply: before TLS the rest may come from an attacker. */
  get hasMore(): boolean {
    return this.#rest !== "";
  }

  async reply(milliseconds: number): Promise<Reply> {
    const until = Date.now() + milliseconds;
    const lines: string[] = [];
    for (;;) {
      const line = await this.#line(until);
      const match = /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line);
      if (match === null) throw new LineCut(`no SMTP reply: ${harmless(line).slice(0, 80)}`);
      const [, code = "", separator = " ", text = ""] = match;
      lines.push(text);
      if (separator === " ") return madeOf(Number(code), lines);
      if (lines.length >= MOST_LINES) throw new LineCut("a reply without end");
    }
  }

  async #line(until: number): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end).replace(/\r$/, "");
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      if (this.#rest.length > LONGEST_LINE) throw new LineCut("a line of a reply without end");
      const { done, value } = await inTime(this.#reader.read(), until - Date.now(), "no answer in time");
      if (done) throw new LineCut("the server closed the connection");
      this.#rest += this.#decoder.decode(value, { stream: true });
    }
  }

  release(): void {
    this.#reader.releaseLock();
  }
}

function madeOf(code: number, lines: string[]): Reply {
  const text = harmless(`${code} ${lines.join(" ")}`);
  const first = Math.floor(code / 100);
  const enhanced = /^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(lines[0] ?? "")?.[1];
  // If the enhanced code is of another class than the reply code, that is an error of the server; the reply code counts.
  const fits = enhanced !== undefined && Number(enhanced[0]) === first;
  return { code, lines, text, enhancedCode: fits ? enhanced : `${first === 3 ? 2 : first}.0.0` };
}

/** The value of `promise`. A rejection or a timeout becomes a broken connection. */
export async function inTime<T>(promise: Promise<T>, milliseconds: number, otherwise: string): Promise<T> {
  try {
    return await within(promise, Math.max(0, milliseconds), () => new LineCut(otherwise));
  } catch (error) {
    if (error instanceof LineCut) throw error;
    throw new LineCut(harmless(error instanceof Error ? error.message : String(error)) || "the connection failed");
  }
}
