// The fastest way to the same decision in JavaScript: a regular expression finds the fields, nodemailer's parser reads the
// addresses, libmime decodes encoded-words.

import addressparser from "nodemailer/lib/addressparser";
import libmime from "libmime";

const FIELDS =
  /^(from|sender|resent-from|resent-sender|x-priority|priority|importance|x-msmail-priority)[ \t]*:((?:.*)(?:\r?\n[ \t].*)*)/gim;
const FOLD = /\r?\n(?=[ \t])/g;
const ORDER = ["x-priority", "priority", "importance", "x-msmail-priority"];
const WORDS = { highest: 1, high: 2, urgent: 2, normal: 3, low: 4, "non-urgent": 4, lowest: 5 };

/** The same for addresses that another parser found; `fields` are the priority fields by lower-case name. */
export function judge(policy, identities, fields, user = 3) {
  const findings = [];
  let decidedBy;
  for (const { identity, field, address } of identities) {
    const rule = policy.rule(address);
    if (rule === undefined) {
      decidedBy ??= findings.length;
      findings.push({ identity, field, address, verdict: "unauthorized", reason: "not-listed" });
    } else {
      const reason = rule.list === "domains" ? "listed-domain" : "listed-sender";
      findings.push({ identity, field, address, verdict: "authorized", reason, rule });
    }
  }
  const authorized = decidedBy === undefined && findings.length > 0;
  return {
    action: authorized ? "send" : "block",
    verdict: authorized ? "authorized" : "unauthorized",
    reason: findings[decidedBy ?? 0]?.reason ?? "no-identity",
    findings,
    decidedBy: decidedBy ?? 0,
    priority: priority(fields, user),
    reply: authorized
      ? { code: 250, enhancedCode: "2.1.0", text: "sender authorized" }
      : { code: 550, enhancedCode: "5.7.1", text: "sender not authorized" },
  };
}

function priority(fields, user) {
  for (const source of ORDER) {
    const value = fields[source];
    if (value === undefined) continue;
    const digit = source === "x-priority" ? value.trim().charCodeAt(0) - 48 : WORDS[value.trim().toLowerCase()];
    if (digit >= 1 && digit <= 5) {
      return { effective: Math.min(digit, user), user, message: digit, source: digit <= user ? source : "user" };
    }
  }
  return { effective: user, user, source: "user" };
}

/** The header section as text. `Buffer` has the fastest decoder of Node. */
export function headerText(bytes) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.indexOf("\r\n\r\n");
  return buffer.utf8Slice(0, end < 0 ? buffer.length : end + 4);
}

export function decideByScan(policy, { mailFrom, bytes }) {
  const identities = [{ identity: "mail-from", field: 0, address: mailFrom }];
  const fields = {};
  for (const [, name, body] of headerText(bytes).matchAll(FIELDS)) {
    const field = name.toLowerCase();
    if (field.length <= 6 || field.startsWith("r")) {
      let text = body.includes("\n") ? body.replace(FOLD, "") : body;
      for (const { name: display, address } of addressparser(text, { flatten: true })) {
        const found = { identity: field, field: 0, address };
        if (display.includes("=?")) found.name = libmime.decodeWords(display);
        identities.push(found);
      }
    } else {
      fields[field] ??= body;
    }
  }
  return judge(policy, identities, fields);
}
