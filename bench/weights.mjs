// The size of each part of the module, by crate and by folder of the engine. It reads the compiler's module, which has function
// names. The finished module has none, and `wasm-opt` made it about a tenth smaller.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const TARGET = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("../target", import.meta.url));
const MODULE = `${TARGET}/wasm32-unknown-unknown/release/sendergate.wasm`;

const [CUSTOM, IMPORTS, CODE, DATA] = [0, 2, 10, 11];
const FUNCTION_NAMES = 1;

const STANDARD = "the standard library, the allocator";
const CRATES = [
  [/^(idna|icu_|utf8_iter|smallvec)/, "`idna`"],
  [/^mail_parser/, "`mail-parser`"],
  [/^(core|alloc|std|compiler_builtins|hashbrown|talc)/, STANDARD],
];

/** The functions and data of the module by folder: `[name, bytes][]`, or nothing if no module was built. */
export function weights() {
  if (!existsSync(MODULE)) return [];
  const sections = new Sections(readFileSync(MODULE));
  const rooms = new Map();
  for (const { name, body } of sections.functions()) {
    const room = roomOf(name);
    rooms.set(room, [...(rooms.get(room) ?? []), body]);
  }
  rooms.set("data: Unicode, public suffixes, words", sections.get(DATA));
  return [...rooms].map(([name, parts]) => [name, Buffer.concat(parts)]);
}

function roomOf(name) {
  // The exports of the boundary, and what is not from Rust. Only the standard library has names of the newer mangling.
  if (!name.startsWith("_ZN")) return /_[0-9a-f]{16}$/.test(name) ? "`src/wasm`" : STANDARD;
  const [crate, room] = pathOf(name.slice(3));
  if (crate === "sendergate") return `\`src/${room}\``;
  return CRATES.find(([pattern]) => pattern.test(crate))?.[1] ?? STANDARD;
}

/** `10sendergate4list4lint` and `…_$LT$core..slice..Iter$LT$T$GT$…`: crate, module and so on. */
function pathOf(mangled) {
  const parts = [];
  for (let rest = mangled, length; (length = /^\d+/.exec(rest)?.[0]) !== undefined; ) {
    rest = rest.slice(length.length);
    parts.push(...rest.slice(0, Number(length)).split(/\$\w+?\$|\.\./));
    rest = rest.slice(Number(length));
  }
  return parts.filter((part) => /^[a-z]\w{2,}$/.test(part) && part !== "mut" && part !== "bool");
}

class Sections {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 8;
    this.sections = new Map();
    this.names = new Map();
    while (this.at < bytes.length) {
      const id = this.#byte();
      const end = this.#number() + this.at;
      if (id === CUSTOM && this.#text() === "name") this.#readNames(end);
      else if (id !== CUSTOM) this.sections.set(id, [this.at, end]);
      this.at = end;
    }
  }

  get(id) {
    const [start, end] = this.sections.get(id) ?? [0, 0];
    return [this.bytes.subarray(start, end)];
  }

  /** The bodies of the module's own functions, with their names. */
  functions() {
    [this.at] = this.sections.get(CODE);
    const imported = this.#imports();
    [this.at] = this.sections.get(CODE);
    return Array.from({ length: this.#number() }, (_, index) => {
      const end = this.#number() + this.at;
      const body = this.bytes.subarray(this.at, end);
      this.at = end;
      return { name: this.names.get(imported + index) ?? "", body };
    });
  }

  /** The compiler's module imports only functions. */
  #imports() {
    if (!this.sections.has(IMPORTS)) return 0;
    [this.at] = this.sections.get(IMPORTS);
    return this.#number();
  }

  #readNames(end) {
    while (this.at < end) {
      const id = this.#byte();
      const next = this.#number() + this.at;
      if (id === FUNCTION_NAMES) {
        for (let count = this.#number(); count > 0; count -= 1) this.names.set(this.#number(), this.#text());
      }
      this.at = next;
    }
  }

  #byte() {
    return this.bytes[this.at++];
  }

  #number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  #text() {
    const length = this.#number();
    this.at += length;
    return this.bytes.toString("utf8", this.at - length, this.at);
  }
}
