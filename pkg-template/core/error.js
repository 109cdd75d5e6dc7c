/** @typedef {import("../index.js").Diagnostic} Diagnostic */

/** What this package throws: a programming error, or a policy that does not parse. */
export class SendergateError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {Diagnostic[]} [diagnostics]
   * @param {{ cause?: unknown }} [options]
   */
  constructor(code, message, diagnostics = [], options) {
    super(message, options);
    this.name = "SendergateError";
    this.code = code;
    this.diagnostics = diagnostics;
  }
}

/**
 * What to throw where a policy does not parse.
 * @param {Diagnostic[]} diagnostics
 */
export function policyInvalid(diagnostics) {
  const more = diagnostics.length > 1 ? `, and ${diagnostics.length - 1} more` : "";
  return new SendergateError("policy-invalid", `the policy does not parse: ${diagnostics[0]?.message}${more}`, diagnostics);
}

/** @param {unknown} value */
function describe(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  const type = typeof value;
  return type === "object" || type === "undefined" ? (value === undefined ? "undefined" : "an object") : `a ${type}`;
}

/**
 * @param {string} name
 * @param {string} expected
 * @param {unknown} value
 */
export function invalid(name, expected, value) {
  const got = typeof value === "number" && expected.includes("integer") ? String(value) : describe(value);
  return new SendergateError("invalid-argument", `\`${name}\` must be ${expected}, not ${got}`);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {string}
 */
export function checkString(name, value) {
  if (typeof value !== "string") throw invalid(name, "a string", value);
  return value;
}

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {boolean}
 */
export function checkBoolean(name, value) {
  if (typeof value !== "boolean") throw invalid(name, "a boolean", value);
  return value;
}

/**
 * @template {number} N
 * @param {string} name
 * @param {N | undefined} value
 * @param {number} least
 * @param {number} most
 * @returns {N}
 */
export function checkInteger(name, value, least, most) {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw invalid(name, `an integer from ${least} to ${most}`, value);
  }
  return value;
}

/**
 * Gives the place of a name among those that there are.
 * @param {string} name
 * @param {unknown} value
 * @param {readonly string[]} names
 */
export function checkName(name, value, names) {
  const index = names.indexOf(/** @type {string} */ (value));
  if (index < 0) throw invalid(name, `one of ${names.map((known) => `"${known}"`).join(", ")}`, value);
  return index;
}

/**
 * An object whose fields may be read; `undefined` counts as an empty one.
 * @template {object} T
 * @param {string} name
 * @param {T | undefined} value
 * @returns {Partial<T>}
 */
export function checkOptions(name, value) {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(name, "an object", value);
  return value;
}

// The brand of a typed array cannot be forged, and it holds across realms.
const brand = /** @type {() => string | undefined} */ (
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get
);

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {Uint8Array}
 */
export function checkBytes(name, value) {
  if (brand.call(value) !== "Uint8Array") throw invalid(name, "a Uint8Array", value);
  return /** @type {Uint8Array} */ (value);
}
