// The rules of mail are written once, in the engine. Other code reads no header field, compares no address and combines no
// verdicts: this test looks for typical code that would. A list has the exceptions, each with its reason.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url);
const FOLDERS = ["worker/src", "www/src", "pkg-template"];

const FIELDS =
  "from|sender|reply-to|resent-(?:from|sender|to|cc|bcc)|subject|received|return-path|to|cc|bcc|date|message-id|authentication-results|" +
  "dkim-signature|x-priority|x-msmail-priority|mt-priority|importance|priority";

const RULES = {
  "reads a header field": [
    // `name === "subject"`, `"subject" === name`, `case "subject":`
    new RegExp(`(?:===|!==|==|!=|\\bcase)\\s*["'\`](?:${FIELDS}):?["'\`]|["'\`](?:${FIELDS}):?["'\`]\\s*(?:===|!==|==|!=)`, "i"),
    // `line.startsWith("Subject:")`, `header.indexOf("\r\nSubject:")`
    new RegExp(`\\.(?:startsWith|indexOf|includes|search|split)\\(\\s*["'\`](?:\\\\r?\\\\n|\\\\n)?(?:${FIELDS})\\s*:`, "i"),
    // `/^subject[ \t]*:/`
    new RegExp(`/[^/]*\\^\\(?(?:\\?:)?(?:${FIELDS})\\b[^/]*:[^/]*/`, "i"),
    // Unfolding: `/\r?\n[ \t]/`.
    /\\n\)?(?:\(\?=)?\[(?: \\t|\\t ?|\\s)\]/,
    // An encoded-word: `/=\?([^?]+)\?[BQ]\?/`.
    /=\\\?/,
    // A line of a header section at its colon.
    /\bline\w*\.(?:indexOf|split)\(\s*["'`]:/,
  ],
  "compares an address": [
    /\.(?:lastIndexOf|indexOf|split|includes|startsWith|endsWith)\(\s*["'`]@/,
    /\.endsWith\(\s*["'`][.@][\w$]/,
    /\b(?:address|domain|mailFrom|localPart|recipient)\w*(?:\.\w+(?:\([^()]*\))?)*\.(?:toLowerCase|toUpperCase|localeCompare|normalize)\(/i,
    /\b(?:address|domain|mailFrom|localPart|recipient)(?:\.\w+)?\s*(?:===|!==)(?!\s*(?:undefined|null|["'`]{2}|["'`]string))/i,
    // `listed.has(finding.address)`, `listed.includes(mailFrom)`
    /\.(?:has|includes|indexOf)\((?:\w+\??\.)*(?:address|domain|mailFrom|localPart|recipient)\b/i,
    /\binstr\(|\bLIKE\b.*@/,
  ],
  "combines verdicts": [
    /\bverdict\s*(?:===|!==|==|!=|<|>)/,
    /(?:===|!==)\s*["'`](?:authorized|unauthorized|ambiguous)["'`]/,
    /\breason\s*(?:===|!==)(?!\s*undefined)/,
    /\breason\.(?:startsWith|endsWith|includes|match)\(/,
    /\bverdict:\s*["'`](?:authorized|unauthorized|ambiguous)["'`]/,
  ],
};

/** A file, a text of the line, and why it is no rule of mail. */
const ALLOWED = [
  ["worker/src/outbox/kept.ts", 'address.lastIndexOf("@")', "names a domain for alerts and counts, for people; nothing is judged by it"],
  ["worker/src/outbox/kept.ts", 'address.includes("@")', "the same"],
  ["worker/src/delivery/relay/smarthost.ts", "!unfit.includes(recipient)", "which of a message's own recipients are left: the very texts that it was given"],
  ["worker/src/delivery/relay/smarthost.ts", "!answered.has(recipient)", "the same"],
  ["worker/src/alerts/target.ts", "name.endsWith(`.${suffix}`)", "the host of a webhook, which is no mail address"],
  ["worker/src/logbook/log.ts", "instr(lower(value ->> 'address')", "an administrator's search for a part of an address"],
  ["worker/src/logbook/log.ts", "instr(lower(mail_from)", "the same"],
  ["worker/src/directory/user-pages.ts", "instr(lower(", "an administrator's search for a part of a user's texts"],
  ["www/src/pages/import.ts", 'name === "priority"', "a column of a table of users"],
  ["www/src/parts/authorize-button.ts", "this.address === address", "whether a button is the one that was pressed"],
  ["worker/src/directory/policy.ts", 'decision.reason === "engine-fault"', "the engine itself failed: no decision to be told"],
  ["worker/src/intake/refusal.ts", 'reason === "user-inactive"', "which problem of the API is told; the engine has refused it"],
  ["www/src/rehearsal.ts", 'reason === "not-kept"', "counted apart, for no entry of a list would change that"],
  ["www/src/rehearsal.ts", 'verdict !== "authorized"', "which findings are shown; the engine has said that they stop the message"],
  ["www/src/parts/findings.ts", 'verdict === "authorized" ? "good"', "the colour of a verdict"],
  ["www/src/authorize.ts", 'reason === "not-listed"', "which reasons an entry in the list would remove: whether a button is offered that adds it"],
  ["pkg-template/core/unpack.js", 'verdict: "ambiguous"', "what is told where the engine cannot be asked: it fails closed"],
  ["pkg-template/bin/check.js", 'reason === "null-reverse-path"', "how a finding without an address is shown"],
];

const isComment = (line) => /^\s*(?:\/\/|\*|\/\*)/.test(line);

/** The rules that a line breaks. */
const broken = (line) => (isComment(line) ? [] : Object.keys(RULES).filter((rule) => RULES[rule].some((pattern) => pattern.test(line))));

function* lines() {
  for (const folder of FOLDERS) {
    for (const name of readdirSync(new URL(folder, ROOT), { recursive: true })) {
      if (!/\.(?:ts|js|mjs|cjs)$/.test(name) || name.endsWith(".d.ts")) continue;
      const file = `${folder}/${name}`;
      for (const [index, line] of readFileSync(new URL(file, ROOT), "utf8").split("\n").entries()) yield { file, line, place: `${file}:${index + 1}` };
    }
  }
}

test("no rule of mail stands outside the engine", () => {
  const used = new Set();
  const found = [];
  for (const { file, line, place } of lines()) {
    const rules = broken(line);
    if (rules.length === 0) continue;
    const allowed = ALLOWED.filter(([where, text]) => where === file && line.includes(text));
    for (const one of allowed) used.add(one);
    if (allowed.length === 0) found.push(`${place} ${rules.join(", ")}: ${line.trim().slice(0, 160)}`);
  }
  assert.deepEqual(found, [], "ask the engine, or say in ALLOWED why it is no rule of mail");
  assert.deepEqual(ALLOWED.filter((one) => !used.has(one)), [], "nothing of this is there any more");
});

test("what would break it is found", () => {
  for (const [rule, line] of [
    ["reads a header field", `const field = fields.find(({ name }) => name === "subject");`],
    ["reads a header field", `if (line.toLowerCase().startsWith("received:")) count += 1;`],
    ["reads a header field", `const at = header.indexOf("\\r\\nBcc:");`],
    ["reads a header field", `const [, from] = /^from[ \\t]*:(.*)$/im.exec(header) ?? [];`],
    ["reads a header field", `const unfolded = body.replace(/\\r?\\n[ \\t]+/g, " ");`],
    ["reads a header field", `const words = body.matchAll(/=\\?([^?]+)\\?([BQ])\\?/gi);`],
    ["reads a header field", `const colon = line.indexOf(":");`],
    ["reads a header field", `switch (name) { case "X-Priority": return 1; }`],
    ["compares an address", `const domain = address.slice(address.lastIndexOf("@") + 1);`],
    ["compares an address", `if (entry.domain === domainOf(sender)) return true;`],
    ["compares an address", `return listed.has(address.trim().toLowerCase());`],
    ["compares an address", `if (sentAs.has(stopper.address)) continue;`],
    ["compares an address", `return listed.includes(mailFrom);`],
    ["compares an address", `if (sender.endsWith(".yourcompany.example")) return true;`],
    ["compares an address", "if (sender.endsWith(`@${domain}`)) return true;"],
    ["compares an address", `const [local, domain] = sender.split("@");`],
    ["combines verdicts", `const worst = findings.find(({ verdict }) => verdict === "ambiguous");`],
    ["combines verdicts", `if (message.reason.startsWith("malformed-")) return refused;`],
    ["combines verdicts", `return { verdict: "authorized", action: "send" };`],
    ["combines verdicts", `const judged = findings.filter((finding) => finding.reason !== "null-reverse-path");`],
  ]) {
    assert.ok(broken(line).includes(rule), `${rule}: ${line}`);
  }
});

test("what is no rule of mail is left alone", () => {
  for (const line of [
    `const decision = policy.decide({ mailFrom, header });`,
    `if (address === undefined) return identity;`,
    `const { verdict, reason } = decision;`,
    `// as in \`name === "subject"\``,
    `from: query.getAll("from"),`,
    `    Date: \`\${new Date(now).toUTCString()}\`,`,
    `const alerts = "alerts@" + host;`,
  ]) {
    assert.deepEqual(broken(line), [], line);
  }
});
