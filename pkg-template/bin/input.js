import { open } from "node:fs/promises";

import { UsageError } from "./arguments.js";

const CHUNK = 1 << 16;

/**
 * The bytes of a file, or of standard input for `-`, in chunks. It reads only when asked, so that an endless pipe does no
 * harm. `close` also ends a read that is under way.
 */
export async function openBytes(name, what) {
  if (name === "-") {
    if (process.stdin.isTTY) console.error(`Reading ${what} from the terminal; end it with Ctrl-D on a line of its own.`);
    const pieces = process.stdin[Symbol.asyncIterator]();
    return {
      read: () => orUnreadable("standard input", pieces.next()),
      close: () => process.stdin.destroy(),
    };
  }
  const file = await orUnreadable(name, open(name));
  return {
    async read() {
      const { bytesRead, buffer } = await orUnreadable(name, file.read(new Uint8Array(CHUNK), 0, CHUNK));
      return bytesRead === 0 ? { done: true, value: undefined } : { done: false, value: buffer.subarray(0, bytesRead) };
    },
    close: () => file.close(),
  };
}

/** The same as text; stops reading after `limit` bytes. */
export async function readText(name, what, limit) {
  const bytes = await openBytes(name, what);
  const pieces = [];
  let length = 0;
  try {
    for (let piece = await bytes.read(); !piece.done && length < limit; piece = await bytes.read()) {
      pieces.push(piece.value);
      length += piece.value.length;
    }
  } finally {
    await bytes.close();
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

async function orUnreadable(name, promise) {
  try {
    return await promise;
  } catch (fault) {
    throw new UsageError(`\`${name}\` cannot be read: ${fault.message}`, undefined);
  }
}

/** A password: from a file (its first line), the environment, or a person at the terminal, who sees nothing of it. It is never an argument. */
export async function readPassword(file, user) {
  if (file !== undefined) return (await readText(file, "the password", 4096)).split(/\r?\n/, 1)[0];
  const { SENDERGATE_PASSWORD: given } = process.env;
  if (given !== undefined) return given;
  if (!process.stdin.isTTY) {
    throw new UsageError("there is no password, and nobody at a terminal to ask", "Set SENDERGATE_PASSWORD, or name a file: --password-file FILE (`-` for standard input).");
  }
  process.stderr.write(`Password of ${user}: `);
  process.stdin.setRawMode(true);
  let typed = "";
  try {
    for await (const piece of process.stdin) {
      for (const character of piece.toString("utf8")) {
        if (character === "\r" || character === "\n" || character === "\u0004") return typed;
        if (character === "\u0003") throw new UsageError("interrupted", undefined);
        typed = character === "\u007f" || character === "\b" ? typed.slice(0, -1) : typed + character;
      }
    }
    return typed;
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.destroy();
    process.stderr.write("\n");
  }
}
