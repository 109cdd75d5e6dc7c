// The tables of tests/data with the built package. Offsets in the tables count bytes; those of the package count UTF-16 code
// units.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

const { SenderPolicy, fixAll, headerEdits, headerFacts, parseDomainList, parseSenderList, resolvePriority, validateUser } = createRequire(import.meta.url)("../../pkg/node.cjs");

const data = (name) => readFileSync(new URL(`../data/${name}`, import.meta.url));
const table = (name) => JSON.parse(data(name));

function headerOf(row) {
  if (row.header === undefined && row.headerBase64 === undefined) return undefined;
  const bytes = row.header === undefined ? Buffer.from(row.headerBase64, "base64") : Buffer.from(row.header);
  if (!row.pad) return bytes;
  const at = bytes.indexOf("@PAD@");
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(row.pad.text.repeat(row.pad.times)), bytes.subarray(at + 5)]);
}

/** The submission of a row; an absent key stays absent. */
function submissionOf(row) {
  const { mailFrom, headerComplete, mtPriority, bodyFault } = row;
  const header = headerOf(row);
  return Object.fromEntries(Object.entries({ mailFrom, header, headerComplete, mtPriority, bodyFault }).filter(([, value]) => value !== undefined));
}

/** Decides with a new policy. */
function decide(options, row) {
  const policy = new SenderPolicy(options);
  try {
    return policy.decide(submissionOf(row));
  } finally {
    policy.free();
  }
}

/** Only ASCII letters change their case, as in a comparison. */
const lower = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const isVictim = (address, victim) => {
  const [a, v] = [lower(address), lower(victim)];
  return v.includes("@") ? a === v : a.slice(a.lastIndexOf("@") + 1).replace(/[\s<>()."']+$/, "") === v;
};

test("no attack is authorized", () => {
  const attacks = table("attacks.json");
  for (const row of attacks.rows) {
    const lists = { domains: row.domains ?? attacks.policy.domains, senders: row.senders ?? attacks.policy.senders };
    for (const onUnauthorized of ["block", "alert"]) {
      const decision = decide({ ...lists, onUnauthorized }, row);
      const said = `${row.class} / ${row.name}: ${JSON.stringify(decision)}`;
      assert.notEqual(decision.verdict, "authorized", said);
      assert.notEqual(decision.action, "send", said);
      assert.ok(decision.alert, said);
      for (const finding of decision.findings.filter(({ verdict }) => verdict === "authorized")) {
        assert.ok(!finding.address || !isVictim(finding.address, row.victim ?? attacks.victim), said);
      }
      if (row.verdict) assert.equal(decision.verdict, row.verdict, said);
      if (row.reason?.endsWith("*")) assert.ok(decision.reason.startsWith(row.reason.slice(0, -1)), said);
      else if (row.reason) assert.equal(decision.reason, row.reason, said);
    }
  }
});

test("mail by real programs is authorized with its lists, and with no others", () => {
  const stranger = new SenderPolicy({ domains: "stranger.example" });
  for (const row of table("legitimate.json").rows) {
    const message = { mailFrom: row.mailFrom, header: data(`legitimate/${row.file}`) };
    if (!("mailFrom" in row)) delete message.mailFrom;
    const policy = new SenderPolicy({ domains: row.domains, senders: row.senders });
    const decision = policy.decide(message);
    policy.free();
    const said = `${row.file} (${row.program}): ${JSON.stringify(decision)}`;
    assert.equal(decision.action, "send", said);
    assert.equal(decision.verdict, "authorized", said);
    assert.equal(decision.alert, undefined, said);
    assert.equal(decision.priority.message, row.level, said);
    assert.deepEqual(resolvePriority({ header: message.header }), decision.priority, said);
    assert.equal(stranger.decide(message).verdict, "unauthorized", said);
  }
  stranger.free();
});

function writtenFinding(finding) {
  const rule = ({ list, entry }) => `${list}:${entry}`;
  return {
    ...finding,
    rule: finding.rule && rule(finding.rule),
    nearMiss: finding.nearMiss && `${finding.nearMiss.how}:${rule(finding.nearMiss)}`,
  };
}

/** The keys of the decision table. */
function written(decision) {
  return {
    ...decision,
    reply: [decision.reply.code, decision.reply.enhancedCode],
    replyText: decision.reply.text,
    findings: decision.findings.map(writtenFinding),
    priority: { ...decision.priority, fields: decision.priority.fields.map(({ name, value }) => [name, value]) },
  };
}

/** Compares the expected keys. `null` is an absent property; `true` and `false` say whether there is a text. */
function compare(expected, got, said) {
  if (expected === null) assert.equal(got, undefined, said);
  else if (typeof expected === "boolean" && typeof got !== "boolean") assert.equal(typeof got === "string", expected, said);
  else if (Array.isArray(expected)) {
    assert.equal(got.length, expected.length, said);
    expected.forEach((item, index) => compare(item, got[index], `[${index}] ${said}`));
  } else if (typeof expected === "object") {
    for (const [key, value] of Object.entries(expected)) compare(value, got[key], `.${key} ${said}`);
  } else assert.equal(got, expected, said);
}

test("the decision table", () => {
  for (const row of table("decisions.json").rows) {
    if (Math.abs(row.mtPriority) > 9) {
      // The crate ignores it; in JavaScript it is a wrong argument.
      assert.throws(() => decide(row.policy, row), { code: "invalid-argument" });
      continue;
    }
    const decision = decide(row.policy, row);
    const { alertHolds, ...expected } = row.expect;
    const said = `${row.name}: ${JSON.stringify(decision)}`;
    if (alertHolds) assert.ok(decision.alert.includes(alertHolds), said);
    compare(expected, written(decision), said);
  }
});

test("findings that were kept, judged again", () => {
  for (const row of table("rejudge.json").rows) {
    const policy = new SenderPolicy(row.policy);
    const again = policy.rejudge(row.findings, row.was);
    policy.free();
    compare(row.expect, { ...again, findings: again.findings.map(writtenFinding) }, `${row.name}: ${JSON.stringify(again)}`);
  }
});

test("every decision of the tables is judged again as it was", () => {
  for (const row of [...table("decisions.json").rows, ...table("attacks.json").rows].filter((row) => !(Math.abs(row.mtPriority) > 9))) {
    const options = row.policy ?? { domains: row.domains ?? table("attacks.json").policy.domains };
    const policy = new SenderPolicy(options);
    // A log stores JSON.
    const { findings, reason, checked, verdict, action, decidedBy } = JSON.parse(JSON.stringify(policy.decide(submissionOf(row))));
    const again = policy.rejudge(findings, { reason, checked });
    policy.free();
    const unread = reason.startsWith("malformed-") || reason === "user-inactive";
    const said = `${row.name}: ${JSON.stringify(again)} of ${JSON.stringify(findings)}`;
    assert.deepEqual([again.verdict, again.action, again.reason, again.decidedBy], [verdict, action, reason, decidedBy], said);
    assert.deepEqual(again.findings, findings, said);
    const all = options.identities ?? ["mail-from", "from", "sender", "resent-from", "resent-sender"];
    assert.deepEqual(new Set([...checked, ...again.unknown]), new Set(unread ? [] : all), said);
  }
});

/** Applies edits by their definition. */
function edited(header, edits) {
  const parts = [];
  let at = 0;
  for (const { start, end, insert } of edits) {
    assert.ok(at <= start && start <= end && end <= header.length, JSON.stringify(edits));
    parts.push(header.subarray(at, start), Buffer.from(insert));
    at = end;
  }
  return Buffer.concat([...parts, header.subarray(at)]);
}

test("what a submission agent changes in a header section", () => {
  const { rows, ...defaults } = table("header_edits.json");
  for (const row of rows) {
    const header = headerOf(row);
    const { host, messageId, seconds } = { ...defaults, ...row };
    const stamp = row.stamp && resolvePriority({ user: row.stamp });
    const call = () => headerEdits(header, { host, messageId, date: new Date(seconds * 1000 + 999), stamp, headerComplete: row.headerComplete ?? false });
    if (row.wrong) {
      assert.throws(call, (error) => error.code === "invalid-argument" && error.message.startsWith(`\`${row.wrong}\``), row.name);
      continue;
    }
    const edits = call();
    const after = edited(header, edits);
    const said = `${row.name}: ${JSON.stringify(edits)}`;
    assert.equal(after.toString(), row.after ?? header.toString(), said);
    if (row.edits !== undefined) assert.equal(edits.length, row.edits, said);
    assert.deepEqual(headerEdits(after, { host, messageId, date: new Date(0), stamp, headerComplete: row.headerComplete ?? false }), [], said);
  }
});

test("real mail by itself needs few edits, and is judged as before", () => {
  const options = { host: "gate.example", messageId: "1@gate.example", date: new Date() };
  const policy = new SenderPolicy({ domains: "stranger.example" });
  for (const { file, mailFrom } of table("legitimate.json").rows) {
    const header = data(`legitimate/${file}`);
    const after = edited(header, headerEdits(header, options));
    const judged = (header) => policy.decide(mailFrom === undefined ? { header } : { header, mailFrom });
    assert.deepEqual(judged(after), judged(header), file);
  }
  policy.free();
});

test("what a log shows of a header section", () => {
  for (const row of table("header_facts.json").rows) {
    const facts = headerFacts(headerOf(row));
    assert.deepEqual(facts, row.subject === undefined ? { received: row.received ?? 0 } : { subject: row.subject, received: row.received ?? 0 }, row.name);
  }
});

/** A byte offset of `text` as an offset of UTF-16 code units. */
const units = (text, byte) => Buffer.from(text).subarray(0, byte).toString().length;

const entriesOf = {
  "domain_lists.json": (list) => list.entries.map(({ kind, ascii }) => (kind === "subdomains" ? `*.${ascii}` : ascii)),
  "sender_lists.json": (list) => list.entries.map(({ address }) => address),
};

for (const [name, parse] of [["domain_lists.json", parseDomainList], ["sender_lists.json", parseSenderList]]) {
  test(name, () => {
    for (const row of table(name).rows) {
      const list = parse(row.input);
      const said = `${row.name}: ${JSON.stringify(list)}`;
      const expected = row.diagnostics.map(([code, start, end]) => [code, units(row.input, start), units(row.input, end)]);
      assert.deepEqual(list.diagnostics.map(({ code, span }) => [code, span.start, span.end]), expected, said);
      assert.deepEqual(entriesOf[name](list), row.entries, said);
      assert.equal(list.canonical, row.canonical, said);
      const kind = name === "domain_lists.json" ? "domains" : "senders";
      assert.equal(fixAll(kind, row.input).text, row.fixed ?? row.input, said);
      assert.equal(list.ok, !list.diagnostics.some(({ severity }) => severity === "error"), said);
    }
  });
}

test("users.json", () => {
  for (const row of table("users.json").rows) {
    const result = validateUser(row.draft);
    const said = `${row.name}: ${JSON.stringify(result)}`;
    const expected = row.diagnostics.map(([field, code, start, end]) =>
      start === undefined ? [field, code] : [field, code, units(row.draft[field], start), units(row.draft[field], end)]);
    const got = result.diagnostics.map(({ field, code, span }) => (span ? [field, code, span.start, span.end] : [field, code]));
    assert.deepEqual(got, expected, said);
    assert.equal(result.ok, row.user !== undefined, said);
    if (row.user) assert.deepEqual(result.user, row.user, said);
  }
});
