// The public surface, the same in every runtime; where the module comes from is each loader's business.

import * as engine from "./core/bindgen.js";
import { guarded, open, putBytes, putList, putTexts, reserve, truncatedUnits } from "./core/engine.js";
import { checkBoolean, checkInteger, checkOptions, checkString, invalid } from "./core/error.js";
import { FIRST_OCTETS, availableOctets, readHeaderArgument, readMtPriority } from "./core/policy.js";
import * as unpack from "./core/unpack.js";

export { headerEdits, headerFacts } from "./core/header.js";
export { configure, ready, version } from "./core/engine.js";
export { SendergateError } from "./core/error.js";
export { applyFix, fixAll } from "./core/fixes.js";
export { SenderPolicy } from "./core/policy.js";
export { readHeader } from "./core/stream.js";

/** @param {string} text */
export function parseDomainList(text) {
  checkString("text", text);
  return guarded(() => {
    const diagnostics = engine.parse_domains(putList(text), truncatedUnits());
    open();
    return unpack.domainList(diagnostics);
  });
}

/** @param {string} text */
export function parseSenderList(text) {
  checkString("text", text);
  return guarded(() => {
    const diagnostics = engine.parse_senders(putList(text), truncatedUnits());
    open();
    return unpack.senderList(diagnostics);
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
  return guarded(() => {
    putTexts([username, note, domains, senders]);
    const [user, diagnostics] = engine.validate_user(active, priority);
    return user === undefined ? { ok: false, diagnostics } : { ok: true, user, diagnostics };
  });
}

/** @param {Parameters<typeof import("./index.js").resolvePriority>[0]} options */
export function resolvePriority(options) {
  const { user = 3, maxPriority = 1, header, mtPriority } = checkOptions("options", options);
  checkInteger("user", user, 1, 5);
  checkInteger("maxPriority", maxPriority, 1, 5);
  const bytes = readHeaderArgument(header);
  const mt = readMtPriority(mtPriority);
  return guarded(() => {
    const available = availableOctets(bytes);
    for (let wanted = Math.min(available, FIRST_OCTETS); ; wanted = Math.min(available, wanted * 8)) {
      reserve(wanted);
      if (bytes !== undefined) putBytes(bytes, wanted, 0);
      const header = bytes === undefined ? undefined : wanted;
      const resolution = engine.resolve_priority(user, maxPriority, header, wanted < available, mt);
      if (resolution !== undefined) return resolution;
    }
  });
}
