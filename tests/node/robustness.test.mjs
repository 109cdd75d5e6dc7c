// The engine survives every input, with bounded memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { breakInstance, instances, memoryBytes, newest, sendergate } from "./engine.mjs";

const {
  SenderPolicy, SendergateError, applyFix, fixAll, headerEdits, headerFacts, parseDomainList, parseSenderList, readHeader, resolvePriority, validateUser,
} = sendergate;

const bytes = (text) => new TextEncoder().encode(text);
const COMPLETION = { host: "gate.example", messageId: "1@gate.example", date: new Date(0) };
const FOUND = { identity: "from", field: 0, address: "info@a.example", verdict: "unauthorized", reason: "not-listed" };
const MESSAGE = bytes("From: Info <info@a.example>\r\nX-Priority: 1\r\n\r\nHello\r\n");

/** The answers to valid input, to compare before and after. */
function assertAnswers(policy) {
  assert.equal(policy.authorizes("info@a.example"), true);
  assert.equal(policy.authorizes("info@b.example"), false);
  assert.deepEqual(policy.authorizesAll(["x@a.example", "x@b.example"]), [true, false]);
  assert.equal(policy.explain("info@www.a.example").nearMiss.how, "subdomain-of-listed");
  const decision = policy.decide({ mailFrom: "bounce@a.example", header: MESSAGE });
  assert.equal(decision.action, "send");
  assert.equal(decision.priority.effective, 1);
  assert.equal(policy.decide({ mailFrom: "bounce@b.example", header: MESSAGE }).action, "block");
  assert.deepEqual(parseDomainList("a.example, b.example").diagnostics.map((d) => d.code), ["separator-comma"]);
  assert.equal(parseSenderList("info@a.example").entries[0].domain.ascii, "a.example");
  assert.equal(validateUser({ priority: 9 }).ok, false);
  assert.equal(resolvePriority({ header: MESSAGE }).effective, 1);
  assert.equal(policy.rejudge([FOUND], { reason: "not-listed" }).verdict, "authorized");
  assert.equal(headerEdits(MESSAGE, COMPLETION).length, 1);
  assert.deepEqual(headerFacts(bytes("Subject: x\r\n\r\n")), { subject: "x", received: 0 });
}

function badValues() {
  const cyclic = {};
  cyclic.self = cyclic;
  cyclic.domains = cyclic;
  cyclic.header = cyclic;
  const throwing = {};
  for (const name of ["domains", "senders", "header", "mailFrom", "username", "user", "identities", "limit"]) {
    Object.defineProperty(throwing, name, { get: () => { throw new RangeError("a getter that throws"); }, enumerable: true });
  }
  const detached = new Uint8Array(64);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const forged = Object.create(Uint8Array.prototype);
  return [
    undefined, null, true, false, 0, -1, 2.5, NaN, Infinity, 10n, Symbol("s"), () => {}, [], [[]], [null], [1, "a"], {},
    new Date(0), /x/, new Map(), cyclic, throwing, proxy, detached, forged, new Uint8Array(0), new Uint16Array(4),
    new DataView(new ArrayBuffer(8)), new SharedArrayBuffer(8), new Uint8Array(new SharedArrayBuffer(8)), "", "\0", "a\0b@c.example",
    "\ud800", "a\udc00@b.example", "\udfff;\ud83d", "\u202ea.example", ";;;", "a@b@c", "[", "\"", "<".repeat(500), "a.".repeat(2000),
    "ü".repeat(3000), "xn--" + "9".repeat(300), "\n".repeat(300),
    { domains: 5 }, { domains: "a b" }, { senders: "\ud800" }, { priority: 0 }, { priority: "1" }, { identities: [] },
    { identities: ["to"] }, { identities: "from" }, { onUnauthorized: "maybe" }, { active: "yes" }, { header: "From: x" },
    { header: detached }, { header: new Uint8Array([0, 1, 2, 255, 13, 13, 10]) }, { header: bytes("From\n : x\n\n") }, { mailFrom: 1 },
    { mailFrom: "\0" }, { mailFrom: "<>" }, { mtPriority: 10 }, { mtPriority: "1" }, { headerComplete: 1 }, { username: "\0" },
    { note: "\ud800" }, { limit: 0 }, { user: 6 },
  ];
}

test("a million malformed inputs over every function", { timeout: 300_000 }, () => {
  const policy = new SenderPolicy({ domains: "a.example" });
  assertAnswers(policy);
  const values = badValues();
  const calls = [
    (value) => parseDomainList(value), (value) => parseSenderList(value), (value) => validateUser(value),
    (value) => validateUser({ domains: value }), (value) => validateUser({ username: value, senders: value }),
    (value) => new SenderPolicy(value).free(), (value) => new SenderPolicy({ domains: value }).free(),
    (value) => new SenderPolicy({ senders: value }).free(), (value) => policy.decide(value), (value) => policy.decide({ header: value }),
    (value) => policy.decide({ mailFrom: value, header: MESSAGE }), (value) => policy.authorizes(value),
    (value) => policy.authorizesAll(value), (value) => policy.authorizesAll([value, "a@a.example"]), (value) => policy.explain(value),
    (value) => resolvePriority(value), (value) => resolvePriority({ header: value }),
    (value) => fixAll("domains", value), (value) => fixAll(value, "a,b"), (value) => applyFix(value, { edits: [] }), (value) => applyFix("a", value),
    (value) => applyFix("a", { edits: [{ span: { start: value, end: value }, replacement: "" }] }),
    (value) => policy.decide({ header: MESSAGE, bodyFault: value }), (value) => policy.rejudge(value), (value) => policy.rejudge([value]),
    (value) => policy.rejudge([FOUND], value), (value) => policy.rejudge([{ ...FOUND, address: value }], { checked: value }),
    (value) => policy.rejudge([{ ...FOUND, candidates: value }, { ...FOUND, reason: value }]), (value) => headerFacts(value),
    (value) => headerEdits(value, COMPLETION), (value) => headerEdits(MESSAGE, value),
    (value) => headerEdits(MESSAGE, { ...COMPLETION, host: value }), (value) => headerEdits(MESSAGE, { ...COMPLETION, messageId: value }),
    (value) => headerEdits(MESSAGE, { ...COMPLETION, date: value }), (value) => headerEdits(MESSAGE, { ...COMPLETION, stamp: value }),
  ];
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  let memory = 0;
  const thrown = new Map();
  for (let i = 0; i < 1_000_000; i += 1) {
    try {
      calls[i % calls.length](values[Math.floor(i / calls.length) % values.length]);
    } catch (error) {
      const kind = error instanceof SendergateError ? error.code : error.constructor.name;
      thrown.set(kind, (thrown.get(kind) ?? 0) + 1);
    }
    if (i === 100_000) memory = memoryBytes();
  }
  Error.stackTraceLimit = limit;
  // The package's errors, and those of the caller's getters and revoked proxies.
  assert.deepEqual([...thrown.keys()].sort(), ["RangeError", "TypeError", "invalid-argument", "policy-invalid"]);
  assert.equal(instances.length, 1, "no input may cost the instance");
  assert.ok(memoryBytes() - memory <= 1 << 20, `${memoryBytes()} bytes after, ${memory} before`);
  assertAnswers(policy);
});

test("a hundred strings of 10 MiB", { timeout: 300_000 }, () => {
  const policy = new SenderPolicy({ domains: "a.example" });
  const texts = [
    "a".repeat(10 << 20), "a.example;".repeat(1 << 20), "\ud800".repeat(10 << 20), "ü@".repeat(5 << 20), "\0".repeat(10 << 20),
  ];
  for (let i = 0; i < 100; i += 1) {
    const text = texts[i % texts.length];
    assert.deepEqual(parseDomainList(text).diagnostics.map((d) => d.code), ["list-too-long"]);
    assert.equal(parseSenderList(text).diagnostics[0].span.end, text.length);
    assert.equal(validateUser({ username: text, note: text, domains: text, senders: text }).ok, false);
    assert.throws(() => new SenderPolicy({ domains: text }), { code: "policy-invalid" });
    assert.equal(policy.authorizes(text), false);
    assert.deepEqual(policy.authorizesAll([text, "x@a.example"]), [false, true]);
    assert.equal(policy.explain(text).verdict, "ambiguous");
    assert.equal(policy.decide({ mailFrom: text, header: MESSAGE }).verdict, "ambiguous");
    assert.throws(() => headerEdits(MESSAGE, { ...COMPLETION, host: text }), { code: "invalid-argument" });
  }
  const large = new Uint8Array(10 << 20).fill(65);
  for (let i = 0; i < 100; i += 1) assert.equal(policy.decide({ header: large }).reply.enhancedCode, "5.3.4");
  for (let i = 0; i < 100; i += 1) assert.deepEqual([headerEdits(large, COMPLETION), headerFacts(large)], [[], { received: 0 }]);
  assert.ok(memoryBytes() < 64 << 20, `${memoryBytes()} bytes`);
  assert.equal(instances.length, 1);
  assertAnswers(policy);
});

test("a trap costs the instance and nothing else", () => {
  const policy = new SenderPolicy({ domains: "a.example" });
  const calls = [
    () => assert.equal(policy.authorizes("info@a.example"), true),
    () => assert.deepEqual(policy.authorizesAll(["info@a.example", "info@b.example"]), [true, false]),
    () => assert.equal(policy.explain("info@a.example").verdict, "authorized"),
    () => assert.equal(policy.decide({ mailFrom: "info@a.example", header: MESSAGE }).action, "send"),
    () => assert.equal(policy.rejudge([FOUND]).action, "send"),
    () => assert.equal(headerEdits(MESSAGE, COMPLETION).length, 1),
    () => assert.deepEqual(headerFacts(MESSAGE), { received: 0 }),
    () => assert.equal(parseDomainList("a.example").ok, true),
    () => assert.equal(parseSenderList("a@a.example").ok, true),
    () => assert.equal(validateUser({}).ok, true),
    () => assert.equal(resolvePriority({ user: 2 }).effective, 2),
    () => assert.equal(new SenderPolicy({ senders: "a@b.example" }).authorizes("a@b.example"), true),
    () => policy.free(),
  ];
  for (const call of calls) {
    const before = instances.length;
    breakInstance();
    call();
    assert.ok(instances.length <= before + 1);
  }
  assert.throws(() => policy.authorizes("info@a.example"), { name: "SendergateError", code: "policy-freed" });
  assertAnswers(new SenderPolicy({ domains: "a.example" }));
});

test("running out of stack inside the engine does not harm it", () => {
  const policy = new SenderPolicy({ domains: "a.example" });
  let decided = 0;
  const dive = () => {
    try {
      if (policy.decide({ mailFrom: "x@b.example", header: MESSAGE }).action !== "block") throw new Error("it was sent");
      decided += 1;
    } catch (error) {
      if (!(error instanceof RangeError || error.code === "engine-fault")) throw error;
    }
    dive();
  };
  assert.throws(dive, RangeError);
  assert.ok(decided > 0);
  assertAnswers(policy);
});

test("an engine that cannot be made again blocks", () => {
  const policy = new SenderPolicy({ domains: "a.example", priority: 2, onUnauthorized: "alert" });
  const { Instance } = WebAssembly;
  breakInstance();
  WebAssembly.Instance = class { constructor() { throw new RangeError("out of memory"); } };
  try {
    const decision = policy.decide({ mailFrom: "info@a.example", header: MESSAGE });
    assert.equal(decision.action, "block");
    assert.equal(decision.reason, "engine-fault");
    assert.deepEqual([decision.reply.code, decision.reply.enhancedCode], [451, "4.3.0"]);
    assert.equal(decision.priority.effective, 2);
  } finally {
    WebAssembly.Instance = Instance;
  }
  assert.equal(policy.decide({ mailFrom: "info@a.example", header: MESSAGE }).action, "send");
  assertAnswers(new SenderPolicy({ domains: "a.example" }));
});

test("more policies than fit are made again when they are asked", { timeout: 120_000 }, () => {
  const domains = Array.from({ length: 20_000 }, (_, i) => `domain-${i}.example`).join(";");
  const policies = Array.from({ length: 80 }, (_, i) => new SenderPolicy({ domains, senders: `info@only-${i}.test` }));
  for (let round = 0; round < 2; round += 1) {
    policies.forEach((policy, i) => {
      assert.equal(policy.size, 20_001);
      assert.equal(policy.authorizes(`info@only-${i}.test`), true);
      assert.equal(policy.authorizes(`info@only-${i + 1}.test`), false);
    });
  }
  assert.ok(memoryBytes() < 160 << 20, `${memoryBytes()} bytes`);
});

test("a million policies that nobody frees, in one synchronous loop", { timeout: 300_000 }, () => {
  const kept = new SenderPolicy({ domains: "a.example" });
  let authorized = 0;
  for (let i = 0; i < 1_000_000; i += 1) {
    const policy = new SenderPolicy({ domains: "a.example;b.example", senders: "info@c.example" });
    if (i % 1000 === 0) authorized += Number(policy.authorizes("x@b.example")) + Number(kept.authorizes("x@a.example"));
  }
  assert.equal(authorized, 2000);
  assert.ok(memoryBytes() < 128 << 20, `${memoryBytes()} bytes`);
  assertAnswers(kept);
});

test("free, using and the garbage collector give a policy back", { timeout: 60_000 }, async () => {
  const freed = [];
  const exports = newest();
  const policy = new SenderPolicy({ domains: "a.example" });
  policy.free();
  policy.free();
  for (const call of [() => policy.authorizes("a@a.example"), () => policy.size, () => policy.explain("a"), () => policy.decide({}), () => policy.rejudge([])]) {
    assert.throws(call, { code: "policy-freed" });
  }
  if (Symbol.dispose !== undefined) {
    const disposed = new SenderPolicy({ domains: "a.example" });
    disposed[Symbol.dispose]();
    assert.throws(() => disposed.size, { code: "policy-freed" });
  }
  assert.equal(typeof globalThis.gc, "function", "run with --expose-gc");
  const domains = Array.from({ length: 5_000 }, (_, i) => `domain-${i}.example`).join(";");
  const before = exports.memory.buffer.byteLength;
  for (let round = 0; round < 60; round += 1) {
    for (let i = 0; i < 5; i += 1) freed.push(new WeakRef(new SenderPolicy({ domains })));
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert.ok(freed.filter((reference) => reference.deref() !== undefined).length < 20);
  // 300 policies with a third of a megabyte each would need over 100 MB.
  const grown = exports.memory.buffer.byteLength - before;
  assert.ok(grown < 16 << 20, `memory grew by ${grown} bytes`);
});

test("readHeader refuses what is no stream of bytes", async () => {
  for (const value of [undefined, null, 5, "x", {}, { getReader: 1 }]) {
    await assert.rejects(() => readHeader(value), { code: "invalid-argument" });
  }
  const strings = new ReadableStream({ start(controller) { controller.enqueue("From: x"); controller.close(); } });
  await assert.rejects(() => readHeader(strings), { code: "invalid-argument" });
});
