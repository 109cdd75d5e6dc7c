// The public surface, the same in every runtime; where the module comes from is each loader's business.

import { beyond, guarded, open, putBytes, putText, reserve, wasm } from "./core/engine.js";
import { checkBoolean, checkInteger, checkOptions, checkString, invalid } from "./core/error.js";
import { LIST_UNITS, readHeaderArgument, readMtPriority } from "./core/policy.js";
import * as unpack from "./core/unpack.js";

export { headerEdits, headerFacts } from "./core/header.js";
export { configure, ready } from "./core/engine.js";
export { SendergateError } from "./core/error.js";
export { applyFix, fixAll } from "./core/fixes.js";
export { SenderPolicy } from "./core/policy.js";
export { readHeader } from "./core/stream.js";

export const version = "0.0.0-version";

const NONE = 0xffffffff;
const HEADER_OCTETS = (1 << 18) + 1;

export function parseDomainList(text) {
  checkString("text", text);
  return guarded(() => {
    reserve(3 * Math.min(text.length, LIST_UNITS));
    const length = putText(text, 0, LIST_UNITS);
    open(wasm.domain_list(length, beyond));
    return unpack.domainList();
  });
}

export function parseSenderList(text) {
  checkString("text", text);
  return guarded(() => {
    reserve(3 * Math.min(text.length, LIST_UNITS));
    const length = putText(text, 0, LIST_UNITS);
    open(wasm.sender_list(length, beyond));
    return unpack.senderList();
  });
}

export function validateUser(draft) {
  if (typeof draft !== "object" || draft === null || Array.isArray(draft)) throw invalid("draft", "an object", draft);
  const { username, active, priority, note, domains, senders } = draft;
  if (active !== undefined) checkBoolean("active", active);
  if (priority !== undefined && typeof priority !== "number") throw invalid("priority", "a number", priority);
  const texts = { username, note, domains, senders };
  for (const name in texts) if (texts[name] !== undefined) checkString(name, texts[name]);
  return guarded(() => {
    let room = 0;
    for (const name in texts) room += 3 * Math.min(texts[name]?.length ?? 0, LIST_UNITS);
    reserve(room);
    let at = 0;
    const lengths = [];
    for (const name in texts) {
      const text = texts[name];
      const length = text === undefined ? NONE : putText(text, at, LIST_UNITS);
      lengths.push(length, text === undefined ? 0 : beyond);
      if (text !== undefined) at += length;
    }
    const flag = active === undefined ? NONE : Number(active);
    open(wasm.user(flag, priority ?? 0, priority !== undefined, ...lengths));
    return unpack.userValidation();
  });
}

export function resolvePriority(options) {
  const { user = 3, maxPriority = 1, header, mtPriority } = checkOptions("options", options);
  checkInteger("user", user, 1, 5);
  checkInteger("maxPriority", maxPriority, 1, 5);
  const bytes = readHeaderArgument(header);
  const mt = readMtPriority(mtPriority);
  return guarded(() => {
    const available = bytes === undefined ? 0 : Math.min(bytes.length, HEADER_OCTETS);
    let wanted = Math.min(available, 4096);
    for (;;) {
      reserve(wanted);
      if (bytes !== undefined) putBytes(bytes, wanted, 0);
      const more = wanted < available;
      const pointer = wasm.priority(user, maxPriority, bytes === undefined ? NONE : wanted, more, mt);
      if (pointer !== 1) {
        open(pointer);
        return unpack.priority(unpack.word());
      }
      wanted = Math.min(available, wanted * 8);
    }
  });
}
