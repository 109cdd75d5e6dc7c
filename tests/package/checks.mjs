// The calls for every runtime, with the expected answers. This file uses only the language itself.

/** `program`: set if a test environment hides web classes, only for the calls of this file itself. */
const { TextDecoder, TextEncoder } = globalThis.program ?? globalThis;

/** The exports of the entry `sendergate` in every runtime. */
export const NAMES = [
  "SenderPolicy",
  "SendergateError",
  "applyFix",
  "fixAll",
  "headerEdits",
  "headerFacts",
  "parseDomainList",
  "parseSenderList",
  "readHeader",
  "ready",
  "resolvePriority",
  "validateUser",
  "version",
];

/** Makes every call of the table. Returns one line for each. */
export async function runChecks(api, rows) {
  const results = [];
  for (const row of rows) {
    results.push(await outcome(row.feature, row.name, () => runRow(api, row)));
  }
  return results;
}

/** One check: `run` throws when it does not hold. */
export async function outcome(feature, name, run) {
  try {
    await run();
    return { feature, name, ok: true };
  } catch (error) {
    return { feature, name, ok: false, detail: String(error?.stack ?? error) };
  }
}

/** Throws unless `found` is as expected. */
export function same(found, expected, where = "it") {
  const fault = mismatch(found, expected, where);
  if (fault) throw new Error(fault);
}

/** Throws unless `run` throws a SendergateError of this code. */
export async function throwsCode(api, code, run) {
  let value;
  try {
    value = await run();
  } catch (error) {
    if (!(error instanceof api.SendergateError)) throw error;
    return same(error.code, code, "the code of the error");
  }
  throw new Error(`it should throw ${code} but answered ${JSON.stringify(value)}`);
}

async function runRow(api, row) {
  if (row.throws) return throwsCode(api, row.throws, () => answer(api, row));
  same(await answer(api, row), row.expect);
}

/** Makes the call of a row. */
export async function answer(api, row) {
  if (row.call === "readHeader") return header(api, row);
  const args = (row.args ?? []).map(withBytes);
  if (!row.policy) return api[row.call](...args);
  const policy = new api.SenderPolicy(row.policy);
  try {
    return policy[row.call](...args);
  } finally {
    policy.free();
  }
}

/** Converts arguments of the table: `{ "bytes": "…" }` to a Uint8Array, and `{ "moment": "…" }` to a Date. */
function withBytes(value) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(withBytes);
  if (typeof value.bytes === "string") return new TextEncoder().encode(value.bytes);
  if (typeof value.moment === "string") return new Date(value.moment);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withBytes(inner)]));
}

async function header(api, { chunks, options }) {
  const encoder = new TextEncoder();
  let next = 0;
  const stream = new ReadableStream(
    {
      pull(controller) {
        if (next < chunks.length) controller.enqueue(encoder.encode(chunks[next++]));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const { header: bytes, headerComplete, message } = await api.readHeader(stream, options);
  const pulled = next;
  return {
    header: new TextDecoder().decode(bytes),
    headerComplete,
    pulled,
    message: await read(message),
  };
}

async function read(stream) {
  const decoder = new TextDecoder();
  let text = "";
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
}

/** The differences of `found`. Members that `expected` does not have may be anything. */
function mismatch(found, expected, where) {
  if (Array.isArray(expected)) {
    if (!Array.isArray(found)) return `${where} is no array`;
    if (found.length !== expected.length) {
      return `${where} has ${found.length} members instead of ${expected.length}: ${JSON.stringify(found)}`;
    }
    return first(expected.map((inner, index) => mismatch(found[index], inner, `${where}[${index}]`)));
  }
  if (expected !== null && typeof expected === "object") {
    if (found === null || typeof found !== "object") return `${where} is ${JSON.stringify(found)}, not an object`;
    return first(Object.entries(expected).map(([key, inner]) => mismatch(found[key], inner, `${where}.${key}`)));
  }
  if (Object.is(found, expected)) return undefined;
  return `${where} is ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`;
}

function first(faults) {
  return faults.find((fault) => fault !== undefined);
}
