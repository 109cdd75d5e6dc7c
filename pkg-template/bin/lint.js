import { fixAll, parseDomainList, parseSenderList } from "../node.mjs";
import { readText } from "./input.js";
import { counted, diagnosticsUnder, painter } from "./show.js";

const PARSERS = { domains: parseDomainList, senders: parseSenderList };
/** More than the 1 MiB that a list may have, so that the engine sees when it is too long. */
const LIMIT = 1 << 21;

export async function lint(kind, { texts: [given = "-"], fix = false, json = false }) {
  const parse = PARSERS[kind];
  const typed = given === "-" ? await readText("-", `a list of ${kind}`, LIMIT) : given;
  const text = fix ? fixAll(kind, typed).text : typed;
  const parsed = parse(text);
  if (json) {
    process.stdout.write(`${JSON.stringify(fix ? { text, ...parsed } : parsed, null, 2)}\n`);
  } else if (fix) {
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    if (parsed.diagnostics.length > 0) show(text, parsed, process.stderr, "");
  } else {
    const fixable = parsed.diagnostics.filter((diagnostic) => diagnostic.fix?.safe).length;
    show(text, parsed, process.stdout, fixable > 0 ? `; --fix corrects ${fixable}` : "");
  }
  return parsed.ok ? 0 : 1;
}

/** Writes every diagnostic of a list, and a summary. */
function show(text, { ok, entries, diagnostics }, stream, ending) {
  const paint = painter(stream);
  for (const block of diagnosticsUnder(text, diagnostics, paint, stream.columns)) stream.write(block);
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const rest = diagnostics.length - errors;
  const entryCount = text.trim() === "" ? "the list is empty" : counted(entries.length, "entry", "entries");
  const parts = [entryCount, counted(errors, "error"), counted(rest, "warning")];
  stream.write(`${paint(ok ? "good" : "error", ok ? "valid" : "not valid")}: ${parts.join(", ")}${ending}\n`);
}
