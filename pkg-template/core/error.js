/** What this package throws: a programming error, or a policy that does not parse. */
export class SendergateError extends Error {
  constructor(code, message, diagnostics = [], options) {
    super(message, options);
    this.name = "SendergateError";
    this.code = code;
    this.diagnostics = diagnostics;
  }
}

function describe(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  const type = typeof value;
  return type === "object" || type === "undefined" ? (value === undefined ? "undefined" : "an object") : `a ${type}`;
}

export function invalid(name, expected, value) {
  const got = typeof value === "number" && expected.includes("integer") ? String(value) : describe(value);
  return new SendergateError("invalid-argument", `\`${name}\` must be ${expected}, not ${got}`);
}

export function checkString(name, value) {
  if (typeof value !== "string") throw invalid(name, "a string", value);
  return value;
}

export function checkBoolean(name, value) {
  if (typeof value !== "boolean") throw invalid(name, "a boolean", value);
  return value;
}

export function checkInteger(name, value, least, most) {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw invalid(name, `an integer from ${least} to ${most}`, value);
  }
  return value;
}

/** Gives the place of a name among those that there are. */
export function checkName(name, value, names) {
  const index = names.indexOf(value);
  if (index < 0) throw invalid(name, `one of ${names.map((known) => `"${known}"`).join(", ")}`, value);
  return index;
}

/** An object whose fields may be read; `undefined` counts as an empty one. */
export function checkOptions(name, value) {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(name, "an object", value);
  return value;
}

// The brand of a typed array cannot be forged, and it holds across realms.
const brand = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;

export function checkBytes(name, value) {
  if (brand.call(value) !== "Uint8Array") throw invalid(name, "a Uint8Array", value);
  return value;
}
