import {
  beyond, discard, epoch, guarded, held, names, nextWord, open, putBytes, putText, registry, reserve, start, wasm,
} from "./engine.js";
import {
  SendergateError, checkBoolean, checkBytes, checkInteger, checkName, checkOptions, checkString, invalid,
} from "./error.js";
import { putKept, readFindings, readWas } from "./kept.js";
import * as unpack from "./unpack.js";

// As in `src/wasm/mod.rs`.
const GONE = 0;
const NOT_SO = 1;
const NONE = 0xffffffff;
const NULL_PATH = 0xfffffffe;
const NO_MT_PRIORITY = -0x80000000;

/** One code unit past what a list may have: the engine refuses it by its beginning. */
export const LIST_UNITS = (1 << 20) + 1;
/** No address is longer; what is, is refused by its beginning. */
const ADDRESS_UNITS = 4096;
/** The engine looks at 256 KiB of a message; one octet more shows it that there is more. */
const HEADER_OCTETS = (1 << 18) + 1;
/** Most header sections are shorter, and copying more of a message would be for nothing. */
const FIRST_OCTETS = 4096;
/** How many code units of addresses cross at once. */
const BATCH_UNITS = 1 << 16;

const OPTIONS = ["domains", "senders", "active", "priority", "maxPriority", "onUnauthorized", "identities"];

function readOptions(options) {
  const given = checkOptions("options", options);
  const { domains = "", senders = "", active = true, priority = 3, maxPriority = 1 } = given;
  const { onUnauthorized = "block", identities } = given;
  // No list and a name that is none of ours: a slip such as `domain` must not open the gate to everybody.
  if (given.domains === undefined && given.senders === undefined) {
    const unknown = Object.keys(given).find((name) => !OPTIONS.includes(name));
    if (unknown !== undefined) {
      throw new SendergateError("invalid-argument", `\`${unknown.slice(0, 80)}\` is not an option, and neither \`domains\` nor \`senders\` is given: every sender would be authorized; give \`domains: ""\` where that is meant`);
    }
  }
  if (onUnauthorized !== "block" && onUnauthorized !== "alert") {
    throw invalid("onUnauthorized", '"block" or "alert"', onUnauthorized);
  }
  let bits = 0x1f;
  if (identities !== undefined) {
    if (!Array.isArray(identities)) throw invalid("identities", "an array", identities);
    start();
    bits = 0;
    for (const identity of identities) {
      bits |= 1 << checkName(`identities[${identities.indexOf(identity)}]`, identity, names.identities);
    }
    if (bits === 0) throw new SendergateError("invalid-argument", "`identities` must name one identity at least: a policy that judges none lets everything through");
  }
  return {
    domains: checkString("domains", domains),
    senders: checkString("senders", senders),
    active: checkBoolean("active", active),
    priority: checkInteger("priority", priority, 1, 5),
    maxPriority: checkInteger("maxPriority", maxPriority, 1, 5),
    alert: onUnauthorized === "alert",
    bits,
  };
}

/** Reads what of a message may be looked at; the header goes in after `at` bytes. */
export function readHeaderArgument(header) {
  return header === undefined ? undefined : checkBytes("header", header);
}

export function readMtPriority(mtPriority) {
  return mtPriority === undefined ? NO_MT_PRIORITY : checkInteger("mtPriority", mtPriority, -9, 9);
}

function readBodyFault(fault) {
  if (fault === undefined) return NONE;
  start();
  return checkName("bodyFault", fault, names.bodyFaults);
}

export class SenderPolicy {
  // A policy lives in the instance that made it. When that is replaced, or gave the policy up for memory, it is made
  // again from these options.
  #options;
  #size = 0;
  #slot = 0;
  #generation = 0;
  #epoch = 0;
  #freed = false;

  constructor(options) {
    this.#options = readOptions(options);
    guarded(() => this.#make());
  }

  #make() {
    const { domains, senders, active, priority, maxPriority, alert, bits } = this.#options;
    reserve(3 * (Math.min(domains.length, LIST_UNITS) + Math.min(senders.length, LIST_UNITS)));
    const domainsLength = putText(domains, 0, LIST_UNITS);
    const domainsBeyond = beyond;
    const sendersLength = putText(senders, domainsLength, LIST_UNITS);
    open(wasm.policy_new(domainsLength, domainsBeyond, sendersLength, beyond, active, priority, maxPriority, alert, bits));
    const slot = nextWord();
    if (slot === NONE) {
      const found = unpack.diagnostics();
      const more = found.length > 1 ? `, and ${found.length - 1} more` : "";
      throw new SendergateError("policy-invalid", `the policy does not parse: ${found[0]?.message}${more}`, found);
    }
    if (this.#epoch !== 0) registry?.unregister(this);
    this.#slot = slot;
    this.#generation = nextWord();
    this.#size = nextWord();
    this.#epoch = epoch;
    registry?.register(this, held(slot, this.#generation), this);
  }

  /** Before each call: the policy is there, in the instance that is in use. */
  #check() {
    if (this.#freed) throw new SendergateError("policy-freed", "the policy was freed; make a new one");
    if (wasm === undefined || this.#epoch !== epoch) guarded(() => this.#make());
  }

  decide(submission) {
    const { mailFrom, header, headerComplete = false, mtPriority, bodyFault } = checkOptions("submission", submission);
    if (mailFrom !== null && mailFrom !== undefined) checkString("mailFrom", mailFrom);
    const bytes = readHeaderArgument(header);
    checkBoolean("headerComplete", headerComplete);
    const mt = readMtPriority(mtPriority);
    const fault = readBodyFault(bodyFault);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        this.#check();
        const pointer = this.#decide(mailFrom, bytes, headerComplete, mt, fault);
        if (pointer !== GONE) {
          open(pointer);
          return unpack.decision();
        }
        this.#make();
      } catch (fault) {
        // It fails closed: whatever the engine does, the answer is a decision. A programming error is still one.
        if (fault instanceof SendergateError && fault.code !== "engine-fault") throw fault;
        discard();
      }
    }
    return unpack.faultDecision(this.#options.priority);
  }

  #decide(mailFrom, bytes, complete, mt, fault) {
    const available = bytes === undefined ? 0 : Math.min(bytes.length, HEADER_OCTETS);
    let wanted = Math.min(available, FIRST_OCTETS);
    for (;;) {
      let path = mailFrom === undefined ? NONE : NULL_PATH;
      let length = 0;
      if (typeof mailFrom === "string") {
        reserve(3 * Math.min(mailFrom.length, ADDRESS_UNITS) + wanted);
        length = path = putText(mailFrom, 0, ADDRESS_UNITS);
      } else {
        reserve(wanted);
      }
      let more = false;
      if (bytes !== undefined) {
        more = wanted < available;
        putBytes(bytes, wanted, length);
      }
      const header = bytes === undefined ? NONE : wanted;
      const pointer = wasm.decide(this.#slot, this.#generation, path, header, complete, more, mt, fault);
      if (pointer !== NOT_SO) return pointer;
      wanted = Math.min(available, wanted * 8);
    }
  }

  authorizes(address) {
    if (typeof address !== "string") throw invalid("address", "a string", address);
    for (let attempt = 0; ; attempt += 1) {
      this.#check();
      try {
        reserve(3 * Math.min(address.length, ADDRESS_UNITS));
        const answer = wasm.authorizes(this.#slot, this.#generation, putText(address, 0, ADDRESS_UNITS));
        if (answer !== 2) return answer === 1;
        this.#make();
      } catch (fault) {
        this.#failed(fault, attempt);
      }
    }
  }

  authorizesAll(addresses) {
    if (!Array.isArray(addresses)) throw invalid("addresses", "an array", addresses);
    const answers = new Array(addresses.length);
    let from = 0;
    let units = 0;
    for (let i = 0; i < addresses.length; i += 1) {
      const address = addresses[i];
      if (typeof address !== "string") throw invalid(`addresses[${i}]`, "a string", address);
      units += address.length + 1;
      if (units > BATCH_UNITS) {
        this.#batch(addresses, from, i + 1, units, answers);
        from = i + 1;
        units = 0;
      }
    }
    this.#batch(addresses, from, addresses.length, units, answers);
    return answers;
  }

  #batch(addresses, from, to, units, answers) {
    const count = to - from;
    if (count === 0) return;
    for (let attempt = 0; count > 1 && units <= 2 * BATCH_UNITS; attempt += 1) {
      this.#check();
      try {
        const joined = (from === 0 && to === addresses.length ? addresses : addresses.slice(from, to)).join("\n");
        reserve(3 * joined.length);
        const pointer = wasm.authorizes_all(this.#slot, this.#generation, putText(joined, 0, Infinity), count);
        if (pointer === NOT_SO) break; // an address holds the separator
        if (pointer !== GONE) {
          open(pointer);
          let bits = 0;
          for (let i = from; i < to; i += 1) {
            bits = ((i - from) & 31) === 0 ? nextWord() : bits >>> 1;
            answers[i] = (bits & 1) === 1;
          }
          return;
        }
        this.#make();
      } catch (fault) {
        this.#failed(fault, attempt);
      }
    }
    for (let i = from; i < to; i += 1) answers[i] = this.authorizes(addresses[i]);
  }

  explain(address) {
    if (typeof address !== "string") throw invalid("address", "a string", address);
    for (let attempt = 0; ; attempt += 1) {
      this.#check();
      try {
        reserve(3 * Math.min(address.length, ADDRESS_UNITS));
        const pointer = wasm.explain(this.#slot, this.#generation, putText(address, 0, ADDRESS_UNITS));
        if (pointer !== GONE) {
          open(pointer);
          return unpack.finding();
        }
        this.#make();
      } catch (fault) {
        this.#failed(fault, attempt);
      }
    }
  }

  rejudge(findings, was) {
    const kept = readFindings(findings);
    const { reason, checked, truncated } = readWas(was);
    for (let attempt = 0; ; attempt += 1) {
      this.#check();
      try {
        const texts = putKept(kept);
        const pointer = wasm.rejudge(this.#slot, this.#generation, texts, kept.length, reason, checked, truncated);
        if (pointer !== GONE) {
          open(pointer);
          return unpack.rejudgement();
        }
        this.#make();
      } catch (fault) {
        this.#failed(fault, attempt);
      }
    }
  }

  #failed(fault, attempt) {
    discard();
    if (attempt > 1) throw new SendergateError("engine-fault", `the engine failed: ${fault?.message ?? fault}`);
  }

  get size() {
    if (this.#freed) throw new SendergateError("policy-freed", "the policy was freed; make a new one");
    return this.#size;
  }

  free() {
    if (this.#freed) return;
    this.#freed = true;
    registry?.unregister(this);
    if (wasm !== undefined && this.#epoch === epoch) wasm.policy_free(this.#slot, this.#generation);
    this.#options = undefined;
  }
}

if (Symbol.dispose !== undefined) {
  Object.defineProperty(SenderPolicy.prototype, Symbol.dispose, {
    value: SenderPolicy.prototype.free, writable: true, configurable: true,
  });
}
