import { SendergateError, SenderPolicy, parseDomainList, parseSenderList, readHeader } from "../node.mjs";
import { UsageError } from "./arguments.js";
import { visible } from "./cells.js";
import { openBytes, readText } from "./input.js";
import { diagnosticsUnder, painter } from "./show.js";

const EXIT = { send: 0, "send-and-alert": 1, block: 2 };
const KEYS = ["domains", "senders", "active", "priority", "maxPriority", "onUnauthorized", "identities"];
/** Room for two lists of the largest size with every character escaped in JSON. */
const POLICY_LIMIT = 1 << 24;
const LEVELS = [, "very high", "high", "normal", "low", "very low"];

export async function check({ texts: [message = "-"], policy: file, from, "mt-priority": mtPriority, json = false }) {
  if (file === undefined) throw new UsageError("`check` needs a policy: --policy FILE");
  if (file === "-" && message === "-") throw new UsageError("the policy and the message cannot both be standard input");
  const submission = { ...readFrom(from), ...readMtPriority(mtPriority) };
  const policy = await readPolicy(file);
  const decision = policy.decide({ ...submission, ...(await readMessage(message)) });
  policy.free();
  process.stdout.write(json ? `${JSON.stringify(decision, null, 2)}\n` : describe(decision, painter(process.stdout)));
  return EXIT[decision.action];
}

function readFrom(from) {
  if (from === undefined) return {};
  if (from === "") throw new UsageError("`--from` is empty; the null reverse-path is written `<>`");
  if (from === "<>") return { mailFrom: null };
  return { mailFrom: /^<.*>$/s.test(from) ? from.slice(1, -1) : from };
}

function readMtPriority(text) {
  if (text === undefined) return {};
  if (!/^[+-]?\d$/.test(text)) throw new UsageError(`\`--mt-priority\` takes an integer from -9 to 9, not \`${text}\``);
  return { mtPriority: Number(text) };
}

async function readPolicy(file) {
  let options;
  const text = await readText(file, "the policy", POLICY_LIMIT);
  try {
    options = JSON.parse(text);
  } catch (fault) {
    throw new UsageError(`\`${file}\` is not JSON: ${fault.message}`, undefined);
  }
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new UsageError(`\`${file}\` must hold a JSON object`);
  }
  const unknown = Object.keys(options).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new UsageError(`\`${unknown}\` in \`${file}\` is not a key of a policy`, `The keys are ${KEYS.join(", ")}.`);
  }
  try {
    return new SenderPolicy(options);
  } catch (fault) {
    if (!(fault instanceof SendergateError) || !["invalid-argument", "policy-invalid"].includes(fault.code)) throw fault;
    throw new UsageError(`\`${file}\`: ${fault.message}`, fault.code === "policy-invalid" ? wrongLists(options) : undefined);
  }
}

/** The problems in the lists of a policy that does not parse. */
function wrongLists({ domains = "", senders = "" }) {
  const paint = painter(process.stderr);
  let shown = "";
  for (const [key, text, parse] of [["domains", domains, parseDomainList], ["senders", senders, parseSenderList]]) {
    const errors = parse(text).diagnostics.filter(({ severity }) => severity === "error");
    if (errors.length === 0) continue;
    shown += `\n${paint("bold", key)}\n`;
    for (const block of diagnosticsUnder(text, errors, paint, process.stderr.columns)) shown += block;
  }
  return shown.trimEnd();
}

/** Reads the header section and nothing after it. Of one that is too long it returns the part that it read: the engine refuses that. */
async function readMessage(name) {
  const bytes = await openBytes(name, "a message");
  const pieces = [];
  const reader = {
    async read() {
      const piece = await bytes.read();
      if (!piece.done) pieces.push(piece.value);
      return piece;
    },
    cancel: async () => {},
    releaseLock: () => {},
  };
  try {
    const { header, headerComplete } = await readHeader({ getReader: () => reader });
    return { header, headerComplete };
  } catch (fault) {
    if (fault?.code !== "header-too-large") throw fault;
    return { header: new Uint8Array(Buffer.concat(pieces)) };
  } finally {
    await bytes.close();
  }
}

// ── The decision in words ──

const HEADLINES = {
  send: ["good", "send"],
  "send-and-alert": ["warning", "send, and raise an alert"],
  block: ["error", "block"],
};
const VERDICT_STYLES = { authorized: "good", unauthorized: "error", ambiguous: "warning" };
const HOW = {
  "subdomain-of-listed": "its domain is below the listed",
  "parent-of-listed": "its domain is above the listed",
  "other-sender-at-domain": "another address at that domain is listed:",
  "typo-of-listed": "it is nearly the listed",
  "sub-address-of-listed": "it is a sub-address of the listed",
};

function describe(decision, paint) {
  const { action, verdict, reason, findings, decidedBy, priority, reply, alert } = decision;
  const [style, headline] = HEADLINES[action];
  let out = `${paint(style, headline)}: ${verdict} ${paint("dim", `[${reason}]`)}\n`;
  if (alert !== undefined) out += `  ${visible(alert)}\n`;
  if (findings.length > 0) out += `\n${paint("bold", "senders")}\n`;
  findings.forEach((finding, index) => {
    out += describeFinding(finding, index === decidedBy, paint);
  });
  out += `\n${paint("bold", "priority")}  ${priority.effective} (${LEVELS[priority.effective]}): ${whyPriority(priority)}\n`;
  out += `${paint("bold", "answer")}    ${reply.code} ${reply.enhancedCode} ${reply.text}\n`;
  return out;
}

function describeFinding(finding, decided, paint) {
  const { identity, field, of, address, candidates, verdict, reason, rule, nearMiss } = finding;
  const name = of === undefined ? identity : `${identity} of ${of}`;
  const place = (field > 0 ? `${name} (${field + 1})` : name).padEnd(13);
  const who = address ?? (reason === "null-reverse-path" ? "<>" : "(no address)");
  let out = `${paint("bold", decided ? ">" : " ")} ${place} ${visible(who)}\n`;
  const more = " ".repeat(16);
  out += `${more}${paint(VERDICT_STYLES[verdict], verdict)} ${paint("dim", `[${reason}]`)}${decided ? ", which decided" : ""}\n`;
  if (rule !== undefined) out += `${more}entry \`${visible(rule.entry)}\` of the ${rule.list}\n`;
  if (nearMiss !== undefined) {
    out += `${more}close: ${HOW[nearMiss.how] ?? nearMiss.how} \`${visible(nearMiss.entry)}\` of the ${nearMiss.list}\n`;
  }
  if (candidates?.length > 0) out += `${more}could be ${candidates.map((one) => `\`${visible(one)}\``).join(", ")}\n`;
  return out;
}

function whyPriority({ user, message, source, conflict, capped }) {
  const shown = (level) => `${level} (${LEVELS[level]})`;
  let why;
  if (message === undefined) why = "the message asks for none, so the user's level is taken";
  else {
    const asked = source === "user" ? "" : ` in ${source}`;
    why = `the message asks for ${shown(message)}${asked}, the user has ${shown(user)}, and the higher is taken`;
  }
  if (capped) why += "; the policy's cap lowered it";
  if (conflict) why += "; the message contradicts itself";
  return why;
}
