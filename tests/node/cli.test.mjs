// The command of the built package: its output and exit codes.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { cells, visible } from "../../pkg/bin/cells.js";
import { diagnosticsUnder, painter } from "../../pkg/bin/show.js";

const PROGRAM = fileURLToPath(new URL("../../pkg/bin/sendergate.js", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "sendergate-cli-"));
after(() => rmSync(directory, { recursive: true }));

function run(words, { input = "", env = {} } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], {
    input, encoding: "utf8", timeout: 60_000, maxBuffer: 1 << 28, env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

function file(name, content) {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const plain = (style, text) => text;
const shownFor = (text, spans, columns) =>
  [...diagnosticsUnder(text, spans.map(([start, end]) => ({ code: "c", severity: "error", message: "m", span: { start, end } })), plain, columns)];
/** The text line and the caret line of one diagnostic. */
const drawn = (text, start, end, columns) => shownFor(text, [[start, end]], columns)[0].split("\n").slice(1, 3);

test("lint shows each problem under the text, and says what there is to do", () => {
  const { status, stdout, stderr } = run(["lint-domains", "a.example, https://b.example"]);
  assert.equal(status, 1);
  assert.equal(stderr, "");
  assert.match(stdout, /^error: entries are separated by `;`, not by `,` \[separator-comma\]\n 1 \| a\.example, https:\/\/b\.example\n   \|          \^\n {3}fix: /);
  assert.match(stdout, / 1 \| a\.example, https:\/\/b\.example\n   \|            \^{8}\n/);
  assert.match(stdout, /not valid: 1 entry, 2 errors, 0 warnings; --fix corrects 2\n$/);
});

test("the documentation shows what is printed", () => {
  const page = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const [, text] = /lint-domains '([^']*)'/.exec(page);
  const [, shown] = /\n```\n(error[^]*?)```/.exec(page);
  assert.ok(run(["lint-domains", text]).stdout.startsWith(`${shown}\n`), shown);
});

test("lint answers 0 for a valid list, with or without warnings, and for an empty one", () => {
  assert.deepEqual(run(["lint-domains", "a.example; *.b.example"]), { status: 0, stdout: "valid: 2 entries, 0 errors, 0 warnings\n", stderr: "" });
  const warned = run(["lint-domains", "www.a.example"]);
  assert.equal(warned.status, 0);
  assert.match(warned.stdout, /^warning: .*\[www\]/);
  assert.match(run(["lint-senders", ""]).stdout, /^valid: the list is empty/);
  assert.equal(run(["lint-senders", "a.example"]).status, 1);
});

test("lint reads standard input for `-` and for nothing", () => {
  for (const words of [["lint-senders", "-"], ["lint-senders"]]) {
    assert.equal(run(words, { input: "info@a.example; b@b.example\n" }).stdout, "valid: 2 entries, 0 errors, 0 warnings\n");
    assert.equal(run(words, { input: "\uFEFFinfo@a.example\r\n" }).status, 0);
    assert.equal(run(words, { input: Buffer.from("info@\xFF.example", "latin1") }).status, 1);
  }
});

test("--fix prints the corrected list alone on stdout, and what is left on stderr", () => {
  assert.deepEqual(run(["lint-domains", "--fix", "a.example, b.example"]), { status: 0, stdout: "a.example; b.example\n", stderr: "" });
  const left = run(["lint-domains", "a.example,www.b.example c_d.example\n", "--fix"]);
  assert.equal(left.status, 1);
  assert.equal(left.stdout.split("\n").length, 2);
  assert.match(left.stderr, /warning: .*\[www\]/);
  assert.match(left.stderr, /\[underscore\]/);
  assert.doesNotMatch(left.stderr, /separator/);
});

test("--json prints the reading; with --fix, the corrected text and its reading", () => {
  const { status, stdout } = run(["lint-domains", "--json", "A.example,b.example"]);
  assert.equal(status, 1);
  const reading = JSON.parse(stdout);
  assert.deepEqual(Object.keys(reading).sort(), ["canonical", "diagnostics", "entries", "ok"]);
  assert.deepEqual(reading.diagnostics.map(({ code, span }) => [code, span]), [["separator-comma", { start: 9, end: 10 }]]);
  const corrected = JSON.parse(run(["lint-domains", "--json", "--fix", "A.example,b.example"]).stdout);
  assert.equal(corrected.text, "A.example;b.example");
  assert.equal(corrected.ok, true);
  assert.equal(corrected.canonical, "a.example;b.example");
});

test("carets stand under the text, however wide it is", () => {
  assert.deepEqual(drawn("a.com, b", 5, 6), [" 1 | a.com, b", "   |      ^"]);
  assert.deepEqual(drawn("公司.例子,x", 5, 6), [" 1 | 公司.例子,x", `   | ${" ".repeat(9)}^`]);
  assert.deepEqual(drawn("👍🏽.com,x", 4, 8), [" 1 | 👍🏽.com,x", "   |   ^^^^"]);
  assert.deepEqual(drawn("👩‍💻,x", 5, 6), [" 1 | 👩‍💻,x", "   |   ^"]);
  assert.deepEqual(drawn("e\u0301.x,y", 4, 5), [" 1 | e\u0301.x,y", "   |    ^"]);
  assert.deepEqual(drawn("\ta,b", 2, 3), [" 1 |     a,b", "   |      ^"]);
  assert.deepEqual(drawn("a\u200Bb", 1, 2), [" 1 | a<U+200B>b", "   |  ^^^^^^^^"]);
  assert.deepEqual(drawn("한국,x", 2, 3), [" 1 | 한국,x", "   |     ^"]);
  assert.deepEqual(drawn("", 0, 0), [" 1 | ", "   | ^"]);
});

test("texts of several lines show the line that is meant", () => {
  assert.deepEqual(drawn("a.com\nb_c.com", 6, 13), [" 2 | b_c.com", "   | ^^^^^^^"]);
  assert.deepEqual(drawn("a.com\r\nb.com", 5, 7), [" 1 | a.com", "   |      ^"]);
  assert.deepEqual(drawn("a\n\n\nb", 4, 5), [" 4 | b", "   | ^"]);
  assert.deepEqual(drawn("a.com\n", 6, 6), [" 2 | ", "   | ^"]);
  assert.deepEqual(drawn(`${"x\n".repeat(99)}bad`, 198, 201), [" 100 | bad", "     | ^^^"]);
});

test("long lines are shown around the place, within the width of the terminal", () => {
  const text = `${"a.com;".repeat(9999)}b_c.com${";d.com".repeat(9999)}`;
  const at = 6 * 9999;
  const [line, carets] = drawn(text, at, at + 7, 60);
  assert.ok(line.length <= 60, line);
  assert.equal(line.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1), "b_c.com");
  assert.match(line, /^ 1 \| ….*…$/);
  const [wide, under] = drawn("x".repeat(65_536), 0, 65_536, 60);
  assert.ok(wide.length <= 60 && under.length <= 61, under);
  assert.match(under, /\^…$/);
  const [cjk, place] = drawn("例".repeat(500), 250, 251, 60);
  assert.ok(cells(cjk).reduce((sum, { width }) => sum + width, 0) <= 60, cjk);
  assert.equal(cells(cjk.slice(0, cjk.indexOf("…") + 1)).length, 6);
  assert.equal(place.match(/\^+/)[0].length, 2);
});

test("nothing in a text reaches the terminal as a command", () => {
  assert.equal(visible("\u001B[31mred\u009B\u202E\u0000\uD800"), "<U+001B>[31mred<U+009B><U+202E><U+0000><U+D800>");
  const { stdout } = run(["lint-senders", "a\u001B[2Jb@c.example"]);
  assert.doesNotMatch(stdout, /\u001B/);
});

test("colours are for terminals that show them", () => {
  const coloured = painter({ isTTY: true, hasColors: () => true })("error", "x");
  assert.equal(coloured, "\u001B[1;31mx\u001B[0m");
  assert.equal(painter({ isTTY: true, hasColors: () => false })("error", "x"), "x");
  assert.equal(painter({ hasColors: () => true })("error", "x"), "x");
  assert.doesNotMatch(run(["lint-domains", "a,b"], { env: { TERM: "xterm-256color" } }).stdout, /\u001B/);
});

const POLICY = { domains: "a.example", senders: "info@b.example" };
const policy = file("policy.json", JSON.stringify(POLICY));
const message = (from, more = "") => `From: ${from}\r\nSubject: x\r\n${more}\r\nBody\r\n`;
const good = file("good.eml", message("Anna <anna@a.example>"));
const bad = file("bad.eml", message("anna@sub.a.example", "X-Priority: 1\r\n"));

test("check answers 0 for send, 1 for send and alert, 2 for block", () => {
  const sent = run(["check", "--policy", policy, "--from", "anna@a.example", good]);
  assert.equal(sent.status, 0, sent.stderr);
  assert.match(sent.stdout, /^send: authorized/);
  assert.match(sent.stdout, /entry `a\.example` of the domains/);
  const blocked = run(["check", "--policy", policy, "--from", "anna@a.example", bad]);
  assert.equal(blocked.status, 2);
  assert.match(blocked.stdout, /^block: unauthorized \[not-listed\]/);
  assert.match(blocked.stdout, /> from +anna@sub\.a\.example\n.*which decided\n.*below the listed `a\.example`/);
  assert.match(blocked.stdout, /priority  1 \(very high\): the message asks for 1 \(very high\) in x-priority, the user has 3/);
  assert.match(blocked.stdout, /answer    550 5\.7\.1 /);
  const alerting = file("alert.json", JSON.stringify({ ...POLICY, onUnauthorized: "alert" }));
  assert.equal(run(["check", "--policy", alerting, bad]).status, 1);
  assert.equal(run(["check", `--policy=${policy}`, "-"], { input: readFileSync(good) }).status, 0);
  assert.equal(run(["check", "--policy", "-", good], { input: JSON.stringify(POLICY) }).status, 0);
});

test("check judges the envelope that it is given", () => {
  const envelope = (from) => JSON.parse(run(["check", "--json", "--policy", policy, ...from, good]).stdout).findings;
  assert.deepEqual(envelope([]).map(({ identity }) => identity), ["from"]);
  assert.equal(envelope(["--from", "<>"])[0].reason, "null-reverse-path");
  assert.deepEqual(envelope(["--from", "<anna@a.example>"]), envelope(["--from=anna@a.example"]));
  const asking = (level) => JSON.parse(run(["check", "--json", "--policy", policy, "--mt-priority", level, good]).stdout).priority;
  assert.deepEqual([asking("-5").message, asking("-5").effective], [5, 3]);
  assert.deepEqual([asking("+9").source, asking("+9").effective], ["mt-priority", 1]);
});

test("check judges display-names where the policy asks for it, and says whose they are", () => {
  const names = file("names.json", JSON.stringify({ ...POLICY, identities: ["from", "sender", "display-name"] }));
  const named = file("named.eml", 'From: "boss@bank.example" <anna@a.example>\r\nSender: "boss@bank.example" <info@b.example>\r\n\r\n');
  assert.equal(run(["check", "--policy", policy, named]).status, 0);
  const { status, stdout } = run(["check", "--policy", names, named]);
  assert.equal(status, 2);
  assert.match(stdout, /\n> display-name of from boss@bank\.example\n +unauthorized \[not-listed\], which decided\n/);
  assert.match(stdout, /\n  display-name of sender boss@bank\.example\n/);
});

test("wrong use is told apart: 64, with what is wrong", () => {
  const wrong = (words, words64, options) => {
    const { status, stdout, stderr } = run(words, options);
    assert.equal(status, 64, `${words}: ${stdout}${stderr}`);
    assert.equal(stdout, "");
    assert.match(stderr, words64);
  };
  wrong([], /no command/);
  wrong(["constructor"], /`constructor` is not a command/);
  wrong(["lint-domains", "a.example", "b.example"], /quotes/);
  wrong(["lint-domains", "--nope"], /`--nope` is not an option/);
  wrong(["lint-domains", "-a.example"], /after `--`/);
  wrong(["lint-domains", "--fix=1", "a"], /takes no value/);
  wrong(["check", good], /needs a policy/);
  wrong(["check", "--policy"], /needs a value/);
  wrong(["check", "--policy", policy, "--policy", policy, good], /twice/);
  wrong(["check", "--policy", policy, "--from", "", good], /`<>`/);
  wrong(["check", "--policy", policy, "--mt-priority", "10", good], /-9 to 9/);
  wrong(["check", "--policy", policy, join(directory, "none.eml")], /none\.eml` cannot be read: ENOENT/);
  wrong(["check", "--policy", policy, directory], /cannot be read: EISDIR/);
  wrong(["check", "--policy", "-"], /cannot both/);
  const policyOf = (text) => ["check", "--policy", file("wrong.json", text), good];
  wrong(policyOf("{"), /not JSON/);
  wrong(policyOf("[]"), /must hold a JSON object/);
  wrong(policyOf('{"domain":"a.example"}'), /`domain` .*is not a key/);
  wrong(policyOf('{"priority":"1"}'), /`priority` must be an integer from 1 to 5, not a string/);
  wrong(policyOf('{"domains":null}'), /`domains` must be a string, not null/);
  wrong(policyOf('{"identities":[]}'), /identities/);
  wrong(policyOf('{"onUnauthorized":"send"}'), /onUnauthorized/);
  wrong(policyOf('{"domains":"a.example,b.example"}'), /does not parse[^]*domains\n[^]* 1 \| a\.example,b\.example\n   \|          \^/);
});

test("help and version", () => {
  assert.match(run(["--help"]).stdout, /lint-domains[^]*exit codes/);
  assert.equal(run(["check", "--help"]).status, 0);
  const { version } = JSON.parse(readFileSync(new URL("../../pkg/package.json", import.meta.url), "utf8"));
  assert.deepEqual(run(["--version"]), { status: 0, stdout: `${version}\n`, stderr: "" });
});

test("of a message of 5 GB only the beginning is read", (t) => {
  const path = join(directory, "big.eml");
  const descriptor = openSync(path, "w");
  writeFileSync(descriptor, message("anna@a.example"));
  ftruncateSync(descriptor, 5 * 2 ** 30);
  closeSync(descriptor);
  const start = performance.now();
  assert.equal(run(["check", "--policy", policy, path]).status, 0);
  const took = performance.now() - start;
  t.diagnostic(`5 GB: ${took.toFixed(0)} ms, the start of Node included`);
  assert.ok(took < 10_000, `${took} ms`);
});

/** Runs the command with a standard input that `feed` writes, and that never ends. */
function runOpen(words, feed) {
  const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {}); // the reader has gone
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  feed(child.stdin);
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  return new Promise((resolve) => {
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      child.stdin.destroy();
      resolve({ status, signal, stdout });
    });
  });
}

function endless(chunk) {
  return (stream) => {
    const more = () => { while (!stream.destroyed && stream.write(chunk)); };
    stream.on("drain", more);
    more();
  };
}

test("a pipe that never ends is answered when the header section has", async () => {
  const check = ["check", "--policy", policy];
  const silent = await runOpen(check, (stream) => stream.write(message("anna@a.example")));
  assert.deepEqual([silent.status, silent.signal], [0, null]);
  const body = await runOpen(check, (stream) => { stream.write(message("anna@a.example")); endless("body\r\n".repeat(9999))(stream); });
  assert.equal(body.status, 0);
  const header = await runOpen(check, endless("X-Padding: x\r\n".repeat(999)));
  assert.equal(header.status, 2);
  assert.match(header.stdout, /malformed-header-too-large[^]*552 5\.3\.4/);
  const list = await runOpen(["lint-domains", "--json"], endless("a.example;".repeat(9999)));
  assert.equal(list.status, 1);
  assert.deepEqual(JSON.parse(list.stdout).diagnostics.map(({ code }) => code), ["list-too-long"]);
});

test("a reader that has seen enough is no fault", async () => {
  const child = spawn(process.execPath, [PROGRAM, "lint-domains"], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end("a_b.example;".repeat(20_000));
  child.stdout.once("data", () => child.stdout.destroy());
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  const status = await new Promise((resolve) => child.on("close", resolve));
  assert.deepEqual([status, stderr], [1, ""]);
});
