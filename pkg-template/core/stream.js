import { streamClass } from "../platform.js";
import { SendergateError, checkBytes, checkInteger, checkOptions, invalid } from "./error.js";

const LF = 10;
const CR = 13;

/**
 * @typedef {import("../index.js").ByteStream} ByteStream
 * @typedef {ReturnType<ByteStream["getReader"]>} Reader
 */

/**
 * Reads a stream up to the end of the header section: an empty line, ended by LF or CRLF.
 * @param {ByteStream} stream
 * @param {{ limit?: number }} [options]
 */
export async function readHeader(stream, options) {
  const { limit = 256 * 1024 } = checkOptions("options", options);
  checkInteger("limit", limit, 1, Number.MAX_SAFE_INTEGER);
  if (typeof stream?.getReader !== "function") {
    throw invalid("stream", "a ReadableStream (a Node stream becomes one by `Readable.toWeb`)", stream);
  }
  const reader = stream.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  let end = -1;
  // Whether the line that is being read is empty so far, and whether a CR has been its first octet.
  let empty = true;
  let returned = false;
  let done = false;
  while (end < 0) {
    const next = await reader.read();
    ({ done } = next);
    if (done) break;
    /** @type {Uint8Array} */
    let value;
    try {
      value = checkBytes("chunk", next.value);
    } catch (error) {
      await reader.cancel(error).catch(() => {});
      throw error;
    }
    const most = Math.min(value.length, limit - length);
    for (let i = 0; i < most; i += 1) {
      const octet = value[i];
      if (octet === LF) {
        if (empty) {
          end = length + i + 1;
          break;
        }
        empty = true;
        returned = false;
      } else if (octet === CR && empty && !returned) {
        returned = true;
      } else {
        empty = false;
      }
    }
    chunks.push(value);
    length += value.length;
    if (end < 0 && length >= limit && length > 0 && (length > limit || value.length > most)) {
      const error = new SendergateError("header-too-large", `the header section does not end within ${limit} bytes`);
      await reader.cancel(error).catch(() => {});
      throw error;
    }
  }
  return { header: gather(chunks, end < 0 ? length : end), headerComplete: end < 0, message: replay(chunks, reader, done) };
}

/**
 * @param {Uint8Array[]} chunks
 * @param {number} length
 */
function gather(chunks, length) {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first.subarray(0, length);
  const header = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(0, length - at);
    header.set(part, at);
    at += part.length;
  }
  return header;
}

/**
 * The chunks once more, then what the reader still has.
 * @param {Uint8Array[]} chunks
 * @param {Reader} reader
 * @param {boolean} done
 */
function replay(chunks, reader, done) {
  const queue = [...chunks];
  return new (streamClass())(
    {
      async pull(controller) {
        if (queue.length > 0) {
          controller.enqueue(queue.shift());
          return;
        }
        const next = done ? { done, value: undefined } : await reader.read();
        if (next.done) {
          controller.close();
          reader.releaseLock();
        } else {
          controller.enqueue(next.value);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
