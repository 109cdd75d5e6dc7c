// The program of every row: makes each call of the table, and returns the answers as text. It uses only the language itself.
import { NAMES, answer } from "./checks.mjs";
import rows from "./rows.mjs";

/** A pair for each call: its name and its answer. If a call fails unexpectedly, the row fails. */
export async function answers(api) {
  const missing = NAMES.filter((name) => !(name in api));
  if (missing.length > 0) throw new Error(`the package does not export ${missing.join(", ")}`);
  const all = [["version", api.version]];
  for (const row of rows) all.push([`${row.call}: ${row.name}`, await text(api, row)]);
  const policy = new api.SenderPolicy({ domains: "a.com; b.com" });
  all.push(["size", String(policy.size)]);
  policy.free();
  all.push(["ready", String(await api.ready())]);
  const uncalled = functions(api).filter((name) => !rows.some(({ call }) => call === name));
  if (uncalled.length > 0) throw new Error(`no row of expectations.json calls ${uncalled.join(", ")}`);
  return all;
}

async function text(api, row) {
  try {
    const value = await answer(api, row);
    if (row.throws === undefined) return JSON.stringify(value);
  } catch (error) {
    if (row.throws !== undefined && error instanceof api.SendergateError && error.code === row.throws) {
      return `${error.name} ${error.code}: ${error.message}`;
    }
    throw error;
  }
  throw new Error(`${row.call}: ${row.name}: it should throw ${row.throws}`);
}

/** Every function of the package, without those that each row calls anyway. */
function functions(api) {
  const methods = Object.entries(Object.getOwnPropertyDescriptors(api.SenderPolicy.prototype)).filter(([, { value }]) => typeof value === "function");
  const called = ["constructor", "free", "ready"];
  const names = [...NAMES.filter((name) => /^[a-z]/.test(name) && typeof api[name] === "function"), ...methods.map(([name]) => name)];
  return names.filter((name) => !called.includes(name));
}
