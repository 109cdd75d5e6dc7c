import { Answer, Envelope, Policy, authorizes } from "./bindgen.js";
import { currentEpoch, discard, engineFault, guarded, names, nextWord, open, putBytes, putText, putTexts, reserve } from "./engine.js";
import { SendergateError, checkBoolean, checkBytes, checkInteger, checkName, checkOptions, checkString, invalid } from "./error.js";
import { putKept, readFindings, readWas } from "./kept.js";
import * as unpack from "./unpack.js";

/**
 * @typedef {import("../index.js").PriorityLevel} PriorityLevel
 *
 * Options that have been checked; a bit for each identity.
 * @typedef {{
 *   domains: string, senders: string, active: boolean, priority: PriorityLevel, maxPriority: PriorityLevel, alert: boolean, bits: number,
 * }} Options
 */

const { GivenUp, NeedMore, NotParted } = Answer;
const { Absent, Null, Path } = Envelope;

/** No address is longer; what is, is refused by its beginning. */
const ADDRESS_UNITS = 4096;
/** Most header sections are shorter, and copying more of a message would be for nothing. */
export const FIRST_OCTETS = 4096;
/** How many code units of addresses cross at once. */
const BATCH_UNITS = 1 << 16;

const OPTIONS = ["domains", "senders", "active", "priority", "maxPriority", "onUnauthorized", "identities"];

/**
 * @param {import("../index.js").PolicyOptions | undefined} options
 * @returns {Options}
 */
function readOptions(options) {
  const given = checkOptions("options", options);
  const { domains = "", senders = "", active = true, priority = 3, maxPriority = 1 } = given;
  const { onUnauthorized = "block", identities } = given;
  // No list and a name that is none of ours: a slip such as `domain` must not open the gate to everybody.
  if (given.domains === undefined && given.senders === undefined) {
    const unknown = Object.keys(given).find((name) => !OPTIONS.includes(name));
    if (unknown !== undefined) {
      throw new SendergateError(
        "invalid-argument",
        `\`${unknown.slice(0, 80)}\` is not an option, and neither \`domains\` nor \`senders\` is given: every sender would be authorized; give \`domains: ""\` where that is meant`,
      );
    }
  }
  if (onUnauthorized !== "block" && onUnauthorized !== "alert") {
    throw invalid("onUnauthorized", '"block" or "alert"', onUnauthorized);
  }
  let bits = 0x1f;
  if (identities !== undefined) {
    if (!Array.isArray(identities)) throw invalid("identities", "an array", identities);
    const known = names().identities;
    bits = 0;
    for (const identity of identities) bits |= 1 << checkName(`identities[${identities.indexOf(identity)}]`, identity, known);
    if (bits === 0)
      throw new SendergateError(
        "invalid-argument",
        "`identities` must name one identity at least: a policy that judges none lets everything through",
      );
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

/**
 * What of a message may be looked at.
 * @param {Uint8Array | undefined} header
 */
export function readHeaderArgument(header) {
  return header === undefined ? undefined : checkBytes("header", header);
}

/** @param {number | undefined} mtPriority */
export function readMtPriority(mtPriority) {
  return mtPriority === undefined ? undefined : checkInteger("mtPriority", mtPriority, -9, 9);
}

/** @param {string | undefined} fault */
const readBodyFault = (fault) => (fault === undefined ? undefined : checkName("bodyFault", fault, names().bodyFaults));

/**
 * How many octets of a message there are for the engine.
 * @param {Uint8Array | undefined} octets
 */
export const availableOctets = (octets) => (octets === undefined ? 0 : Math.min(octets.length, names().headerOctets));

export class SenderPolicy {
  // A policy lives in the instance that made it. When that is replaced, or gave the policy up for memory, it is made
  // again from these options.
  /** @type {Options | undefined} */
  #options;
  /** @type {Policy} */
  #policy;
  #slot = 0;
  #generation = 0;
  #epoch = 0;

  /** @param {import("../index.js").PolicyOptions} [options] */
  constructor(options) {
    const read = readOptions(options);
    this.#options = read;
    this.#policy = guarded(() => this.#make(read));
  }

  /** @param {Options} options */
  #make({ domains, senders, active, priority, maxPriority, alert, bits }) {
    putTexts([domains, senders]);
    const policy = new Policy(active, priority, maxPriority, alert, bits);
    this.#slot = policy.slot;
    this.#generation = policy.generation;
    this.#epoch = currentEpoch() ?? 0;
    return policy;
  }

  /** The options, of a policy that was not freed. */
  #given() {
    if (this.#options === undefined) throw new SendergateError("policy-freed", "the policy was freed; make a new one");
    return this.#options;
  }

  /** Before each call: the policy, in the instance that is in use. */
  #here() {
    const options = this.#given();
    if (this.#epoch !== currentEpoch()) this.#policy = guarded(() => this.#make(options));
    return this.#policy;
  }

  /** The instance has given the policy up. */
  #again() {
    this.#policy.free();
    const options = this.#given();
    this.#policy = guarded(() => this.#make(options));
  }

  /** @param {import("../index.js").Submission} submission */
  decide(submission) {
    const { mailFrom, header, headerComplete = false, mtPriority, bodyFault } = checkOptions("submission", submission);
    if (mailFrom !== null && mailFrom !== undefined) checkString("mailFrom", mailFrom);
    const bytes = readHeaderArgument(header);
    const complete = checkBoolean("headerComplete", headerComplete);
    const mt = readMtPriority(mtPriority);
    const fault = readBodyFault(bodyFault);
    const options = this.#given();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        if (decided(this.#here(), mailFrom, bytes, complete, mt, fault)) {
          open();
          return unpack.decision();
        }
        this.#again();
      } catch (fault) {
        // It fails closed: whatever the engine does, the answer is a decision. A programming error is still one.
        if (fault instanceof SendergateError && fault.code !== "engine-fault") throw fault;
        discard();
      }
    }
    return unpack.faultDecision(options.priority);
  }

  /** @param {string} address */
  authorizes(address) {
    if (typeof address !== "string") throw invalid("address", "a string", address);
    for (let attempt = 0; ; attempt += 1) {
      this.#here();
      try {
        reserve(3 * Math.min(address.length, ADDRESS_UNITS));
        const answer = authorizes(this.#slot, this.#generation, putText(address, 0, ADDRESS_UNITS));
        if (answer !== undefined) return answer;
        this.#again();
      } catch (fault) {
        failed(fault, attempt);
      }
    }
  }

  /** @param {readonly string[]} addresses */
  authorizesAll(addresses) {
    if (!Array.isArray(addresses)) throw invalid("addresses", "an array", addresses);
    /** @type {boolean[]} */
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

  /**
   * @param {readonly string[]} addresses
   * @param {number} from
   * @param {number} to
   * @param {number} units
   * @param {boolean[]} answers
   */
  #batch(addresses, from, to, units, answers) {
    const count = to - from;
    if (count === 0) return;
    for (let attempt = 0; count > 1 && units <= 2 * BATCH_UNITS; attempt += 1) {
      const policy = this.#here();
      try {
        const joined = (from === 0 && to === addresses.length ? addresses : addresses.slice(from, to)).join("\n");
        reserve(3 * joined.length);
        const answer = policy.authorizes_all(putText(joined, 0, Infinity), count);
        if (answer === NotParted) break;
        if (answer !== GivenUp) {
          open();
          let bits = 0;
          for (let i = from; i < to; i += 1) {
            bits = ((i - from) & 31) === 0 ? nextWord() : bits >>> 1;
            answers[i] = (bits & 1) === 1;
          }
          return;
        }
        this.#again();
      } catch (fault) {
        failed(fault, attempt);
      }
    }
    for (let i = from; i < to; i += 1) answers[i] = this.authorizes(/** @type {string} */ (addresses[i]));
  }

  /** @param {string} address */
  explain(address) {
    if (typeof address !== "string") throw invalid("address", "a string", address);
    return this.#ask((policy) => {
      reserve(3 * Math.min(address.length, ADDRESS_UNITS));
      return policy.explain(putText(address, 0, ADDRESS_UNITS));
    });
  }

  /**
   * @param {readonly import("../index.js").Finding[]} findings
   * @param {import("./kept.js").Was} [was]
   */
  rejudge(findings, was) {
    const kept = readFindings(findings);
    const { reason, checked, truncated } = readWas(was);
    return this.#ask((policy) => policy.rejudge(putKept(kept), kept.length, reason, checked, truncated));
  }

  /**
   * Asks until the policy has not been given up.
   * @param {(policy: Policy) => any} question
   */
  #ask(question) {
    for (let attempt = 0; ; attempt += 1) {
      const policy = this.#here();
      try {
        const answer = question(policy);
        if (answer !== undefined) return answer;
        this.#again();
      } catch (fault) {
        failed(fault, attempt);
      }
    }
  }

  get size() {
    this.#given();
    return this.#here().size;
  }

  free() {
    if (this.#options === undefined) return;
    this.#options = undefined;
    // What an instance kept that was thrown away is gone.
    if (this.#epoch !== currentEpoch()) return;
    try {
      this.#policy.free();
    } catch {
      discard();
    }
  }
}

/**
 * Hands over more of the message while the engine wants more. Whether the decision is packed; otherwise the policy was
 * given up.
 * @param {Policy} policy
 * @param {string | null | undefined} mailFrom
 * @param {Uint8Array | undefined} bytes
 * @param {boolean} complete
 * @param {number | undefined} mt
 * @param {number | undefined} fault
 */
function decided(policy, mailFrom, bytes, complete, mt, fault) {
  const available = availableOctets(bytes);
  let wanted = Math.min(available, FIRST_OCTETS);
  for (;;) {
    let envelope = mailFrom === undefined ? Absent : Null;
    let path = 0;
    if (typeof mailFrom === "string") {
      reserve(3 * Math.min(mailFrom.length, ADDRESS_UNITS) + wanted);
      envelope = Path;
      path = putText(mailFrom, 0, ADDRESS_UNITS);
    } else {
      reserve(wanted);
    }
    if (bytes !== undefined) putBytes(bytes, wanted, path);
    const header = bytes === undefined ? undefined : wanted;
    const answer = policy.decide(envelope, path, header, complete, wanted < available, mt, fault);
    if (answer !== NeedMore) return answer !== GivenUp;
    wanted = Math.min(available, wanted * 8);
  }
}

/**
 * @param {unknown} fault
 * @param {number} attempt
 */
function failed(fault, attempt) {
  discard();
  if (attempt > 1) throw engineFault(fault);
}

if (Symbol.dispose !== undefined) {
  Object.defineProperty(SenderPolicy.prototype, Symbol.dispose, {
    value: SenderPolicy.prototype.free,
    writable: true,
    configurable: true,
  });
}
