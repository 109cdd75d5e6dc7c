// How the time grows with the size of input that is made to keep the engine busy.

import { loop, policyOf, sendergate } from "../engine.mjs";

export const title = "Time against size";
export const about =
  "Inputs that are slow for readers of mail and lists, each in four sizes. The last is eight times the first, and " +
  "as large as the engine accepts: 2,000 octets of an originator field, 256 KiB of a header section, 1 MiB of a " +
  "list. If the time is linear, twice the input takes twice the time; if it is quadratic, four times. Less than " +
  "two: the call has costs that do not grow. Sometimes more than two: a short input takes a faster path, or the " +
  "objects of the answer exceed the caches or the young generation of the garbage collector. Figures are medians.";

const KB = 1024;
const STEPS = [1, 2, 4, 8];
/** The largest header section, 240 KiB, leaves room for the fields around it. */
const STEP = 30 * KB;
const INFO = "info@shop.example";

const octets = (text) => new TextEncoder().encode(text);
/** Repeats `piece` as often as fits into `size` octets. */
const filled = (piece, size) => piece.repeat(Math.floor(size / octets(piece).length));
const from = (body) => octets(`From: ${body}\r\n\r\n`);
const listOf = (size, item) => {
  let text = "";
  for (let i = 0; text.length < size; i += 1) text += item(i);
  return text;
};

const times = (piece, size) => Array(Math.floor(size / piece.length)).fill(piece);

/** The content of an originator field of about `size` octets, in pieces between which its line may be folded, and the expected reason. */
const BODIES = {
  "nested groups": ["group-syntax", (size) => [...times("g:", (size / 3) * 2), INFO, ...times(";", size / 3)]],
  "nested comments": ["listed-domain", (size) => [...times("(a", (size / 3) * 2), ...times(")", size / 3), ` <${INFO}>`]],
  "comments that nobody closes": ["unbalanced", (size) => [`<${INFO}> `, ...times("(a", size)]],
  "brackets that nobody closes": ["invalid-address", (size) => times("<a@", size)],
  "at signs": ["invalid-address", (size) => times("a@", size)],
  "quoted words": ["listed-domain", (size) => [...times('"a" ', size), `<${INFO}>`]],
  "encoded-words side by side": ["listed-domain", (size) => [...times("=?utf-8?q?caf=C3=A9?= ", size), `<${INFO}>`]],
  mailboxes: ["listed-domain", (size) => [...times(`${INFO}, `, size), INFO]],
};

/** Folds into lines of at most 900 octets: the engine does not read longer ones. */
function folded(pieces) {
  let text = "";
  let line = 0;
  for (const piece of pieces) {
    if (line + piece.length > 900) {
      text += "\r\n ";
      line = 0;
    }
    text += piece;
    line += piece.length;
  }
  return text;
}

/** As many Resent-From of 1,840 octets as fit into `size`. */
function fields(body, size) {
  const field = `Resent-From: ${folded(body(1840))}\r\n`;
  return octets(`From: ${INFO}\r\n${filled(field, size)}\r\n`);
}

/** The reason that `decide` must give for a header section: an input that is refused at once would show nothing. */
const decide = (policy, reason, make) => ({
  make,
  check: (input) => policy.decide({ header: input }).reason,
  expected: reason,
  run: (input) => policy.decide({ header: input }).findings.length,
});

export async function run(bench) {
  const policy = policyOf({ domains: ["shop.example"], senders: [] });
  const names = policyOf({ domains: ["shop.example"], senders: [] }, { identities: ["from", "display-name"] });
  const kept = (count) =>
    Array.from({ length: count }, (_, field) => ({
      identity: "resent-from", field, address: `u${field}@shop.example`, verdict: "unauthorized", reason: "not-listed",
    }));
  const edits = { host: "gate.example", messageId: "1@gate.example", date: new Date(0) };

  const bodies = Object.entries(BODIES);
  const [, words] = BODIES["encoded-words side by side"];
  const cases = {
    ...Object.fromEntries(bodies.map(([what, [reason, body]]) => [
      `\`decide\`, one field of 1,840 octets: ${what}`, decide(policy, reason, (step) => from(folded(body(step * 230)))),
    ])),
    ...Object.fromEntries(bodies.map(([what, [reason, body]]) => [
      `\`decide\`, 240 KiB of such fields: ${what}`, decide(policy, reason, (step) => fields(body, step * STEP)),
    ])),
    "`decide` with display-names, one field of 1,840 octets: encoded-words side by side": decide(names, "listed-domain",
      (step) => from(folded(words(step * 230)))
    ),
    "`decide`, 240 KiB of encoded-words in one field, which is not read": decide(policy, "field-too-long",
      (step) => from(`${filled("=?utf-8?q?caf=C3=A9?= ", step * STEP)}<${INFO}>`)
    ),
    "`decide`, 240 KiB of folds in From, which is not read": decide(policy, "field-too-long",
      (step) => from(`a\r\n${filled(" \ta\r\n", step * STEP)} <${INFO}>`)
    ),
    "`decide`, 240 KiB of folds in Subject": decide(policy, "listed-domain",
      (step) => octets(`From: ${INFO}\r\nSubject: a\r\n${filled(" a\r\n", step * STEP)}\r\n`)
    ),
    "`decide`, 7,000 Resent-From": decide(policy, "listed-domain",
      (step) => octets(`From: ${INFO}\r\n${`Resent-From: ${INFO}\r\n`.repeat(step * 875)}\r\n`)
    ),
    "`decide`, 240 KiB of other fields: encoded-words": decide(policy, "listed-domain",
      (step) => octets(`From: ${INFO}\r\n${filled("X: =?utf-8?q?caf=C3=A9=3A?=\r\n", step * STEP)}\r\n`)
    ),
    "`rejudge`, 4,000 findings": {
      make: (step) => kept(step * 500),
      check: (input) => policy.rejudge(input).reason,
      expected: "listed-domain",
      run: (input) => policy.rejudge(input).findings.length,
    },
    "`headerFacts`, a Subject of 240 KiB of encoded-words": {
      make: (step) => octets(`Subject: ${filled("=?utf-8?q?caf=C3=A9?= ", step * STEP)}\r\n\r\n`),
      check: (input) => sendergate.headerFacts(input).subject.startsWith("cafécafé"),
      expected: true,
      run: (input) => sendergate.headerFacts(input).subject.length,
    },
    "`headerEdits`, 8,000 Bcc among as many other fields": {
      make: (step) => octets(`From: ${INFO}\r\n${"Bcc: a@b.example\r\nX: y\r\n".repeat(step * 1000)}\r\n`),
      check: (input) => sendergate.headerEdits(input, edits).length > 1000,
      expected: true,
      run: (input) => sendergate.headerEdits(input, edits).length,
    },
    "`fixAll`, commas in 1 MiB of domains": {
      make: (step) => listOf(step * 128 * KB - 32, (i) => `shop${i}.example, `),
      check: (input) => sendergate.fixAll("domains", input).text.includes(","),
      expected: false,
      run: (input) => sendergate.fixAll("domains", input).applied.length,
    },
    "`fixAll`, `mailto:` before each of 1 MiB of senders": {
      make: (step) => listOf(step * 128 * KB - 32, (i) => `mailto:u${i}@shop.example, `),
      check: (input) => sendergate.fixAll("senders", input).text.includes("mailto:"),
      expected: false,
      run: (input) => sendergate.fixAll("senders", input).applied.length,
    },
    "`parseDomainList`, 390 KiB of joiners (U+200D)": {
      make: (step) => filled("a\u200d", (step * 390 * KB) / 8),
      check: (input) => sendergate.parseDomainList(input).ok,
      expected: false,
      run: (input) => sendergate.parseDomainList(input).diagnostics.length,
    },
  };

  const rows = [];
  for (const [what, { make, check, expected, run: call }] of Object.entries(cases)) {
    const inputs = STEPS.map(make);
    for (const input of inputs) {
      const said = check(input);
      if (said !== expected) throw new Error(`${what}: ${JSON.stringify(said)} instead of ${JSON.stringify(expected)}`);
    }
    const timings = await bench.compareBriefly(inputs.map((input, at) => loop(`${STEPS[at]}×`, () => call(input))));
    rows.push({ what, timings });
  }
  bench.growth(STEPS, rows);
  policy.free();
  names.free();
}
