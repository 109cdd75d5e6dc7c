// The public surface, the same in every runtime; where the module comes from is each loader's business.

import { guarded, nextWord, open, putBytes, putText, putTruncated, reserve, truncatedUnits } from "./core/engine.js";
import { checkBoolean, checkInteger, checkOptions, checkString, invalid } from "./core/error.js";
import { FIRST_OCTETS, LIST_UNITS, NEED_MORE, availableOctets, readHeaderArgument, readMtPriority } from "./core/policy.js";
import * as unpack from "./core/unpack.js";

export { headerEdits, headerFacts } from "./core/header.js";
export { configure, ready, version } from "./core/engine.js";
export { SendergateError } from "./core/error.js";
export { applyFix, fixAll } from "./core/fixes.js";
export { SenderPolicy } from "./core/policy.js";
export { readHeader } from "./core/stream.js";

const NONE = 0xffffffff;

/** @param {string} text */
export function parseDomainList(text) {
  checkString("text", text);
  return guarded((engine) => {
    reserve(engine, 3 * Math.min(text.length, LIST_UNITS));
    const length = putText(text, 0, LIST_UNITS);
    open(engine.domain_list(length, truncatedUnits()));
    return unpack.domainList();
  });
}

/** @param {string} text */
export function parseSenderList(text) {
  checkString("text", text);
  return guarded((engine) => {
    reserve(engine, 3 * Math.min(text.length, LIST_UNITS));
    const length = putText(text, 0, LIST_UNITS);
    open(engine.sender_list(length, truncatedUnits()));
    return unpack.senderList();
  });
}

/** @param {import("./index.js").UserDraft} draft */
export function validateUser(draft) {
  if (typeof draft !== "object" || draft === null || Array.isArray(draft)) throw invalid("draft", "an object", draft);
  const { username, active, priority, note, domains, senders } = draft;
  if (active !== undefined) checkBoolean("active", active);
  if (priority !== undefined && typeof priority !== "number") throw invalid("priority", "a number", priority);
  for (const [name, text] of Object.entries({ username, note, domains, senders })) {
    if (text !== undefined) checkString(name, text);
  }
  // A bit for each field that there is, in the order of the form.
  let present = 0;
  [username, active, priority, note, domains, senders].forEach((field, index) => {
    if (field !== undefined) present |= 1 << index;
  });
  const texts = [username, note, domains, senders].filter((text) => text !== undefined);
  return guarded((engine) => {
    let room = 0;
    for (const text of texts) room += 3 * Math.min(text.length, LIST_UNITS) + 8;
    reserve(engine, room);
    let place = 0;
    for (const text of texts) place = putTruncated(text, place, LIST_UNITS);
    open(engine.user(present, Number(active ?? true), priority ?? 0));
    return unpack.userValidation();
  });
}

/** @param {Parameters<typeof import("./index.js").resolvePriority>[0]} options */
export function resolvePriority(options) {
  const { user = 3, maxPriority = 1, header, mtPriority } = checkOptions("options", options);
  checkInteger("user", user, 1, 5);
  checkInteger("maxPriority", maxPriority, 1, 5);
  const bytes = readHeaderArgument(header);
  const mt = readMtPriority(mtPriority);
  return guarded((engine) => {
    const available = availableOctets(bytes);
    for (let wanted = Math.min(available, FIRST_OCTETS); ; wanted = Math.min(available, wanted * 8)) {
      reserve(engine, wanted);
      if (bytes !== undefined) putBytes(bytes, wanted, 0);
      const header = bytes === undefined ? NONE : wanted;
      const pointer = engine.priority(user, maxPriority, header, Number(wanted < available), mt);
      if (pointer === NEED_MORE) continue;
      open(pointer);
      return unpack.priority(nextWord());
    }
  });
}
