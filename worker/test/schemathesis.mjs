/**
 * Runs schemathesis with /openapi.json of a new gate: requests that fit the schemas, requests that do not, and sequences of calls. There
 * must be no server error, no status, header or body that is not described, and no accepted request that should be refused. Every
 * operation must succeed at least once, so that the checks see more than refusals.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startGate } from "../local/gate.mjs";

const PINNED = fileURLToPath(new URL("schemathesis.txt", import.meta.url));
const HOOKS = fileURLToPath(new URL("schemathesis_hooks.py", import.meta.url));
const VENV = fileURLToPath(new URL("../../target/schemathesis", import.meta.url));
const SECONDS = 45;
const TOKEN = "the-administrator-of-the-tests";

/** Installs the pinned tool if it is missing. */
async function tool() {
  const program = join(VENV, "bin/schemathesis");
  const stamp = join(VENV, "installed.txt");
  const pinned = await readFile(PINNED, "utf8");
  if (existsSync(program) && existsSync(stamp) && (await readFile(stamp, "utf8")) === pinned) return program;
  try {
    execFileSync("python3", ["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"], { stdio: "ignore" });
  } catch {
    console.error("error: schemathesis needs Python 3.10 or later with its venv module; install them (Debian: python3 and python3-venv)");
    process.exit(1);
  }
  await rm(VENV, { recursive: true, force: true });
  await mkdir(join(VENV, ".."), { recursive: true });
  execFileSync("python3", ["-m", "venv", VENV], { stdio: "inherit" });
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-input"];
  execFileSync(join(VENV, "bin/python"), ["-m", "pip", "install", ...quiet, "--no-deps", "--requirement", PINNED], { stdio: "inherit" });
  await writeFile(stamp, pinned);
  return program;
}

const program = await tool();
const folder = await mkdtemp(join(tmpdir(), "sendergate-fuzz-"));
const gate = await startGate({ data: join(folder, "data"), adminToken: TOKEN, vars: { DEVELOPMENT: "1", SUBMISSION_URLS: "smtp://127.0.0.1:2587" }, cron: false });
let failed = false;
try {
  const admin = async (method, path, body, headers = {}) => {
    const answer = await fetch(gate.url + path, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${await answer.text()}`);
    return { answer, body: await answer.json() };
  };
  // What the tool cannot find itself: a user's password, a message in the log, the lists for a service token. The list's version is
  // raised, so that no guess for `If-Match` deletes it.
  const kept = async (name) => {
    const { body } = await admin("POST", "/api/lists", { name });
    for (let version = 1; version < 40; version += 1) {
      await admin("PATCH", `/api/lists/${body.id}`, { name: `${name} ${version}` }, { "if-match": `"${version}"` });
    }
    return body;
  };
  const list = await kept("Kept");
  // Its incoming server is not written again, so that it has profiles.
  const profiled = await kept("Profiled");
  const server = { protocol: "imap", host: "imap.example.org", port: 993, encryption: "tls" };
  await admin("PUT", `/api/lists/${profiled.id}/incoming`, { server, domains: "example.org" }, { "if-match": '"0"' });
  const { body: owner } = await admin("POST", `/api/lists/${profiled.id}/users`, { domains: "example.org" });
  const { body: user } = await admin("POST", `/api/lists/${list.id}/users`, { note: "sends" });
  const { body: edited } = await admin("POST", `/api/lists/${list.id}/users`, { domains: "example.com" });
  const { body: token } = await admin("POST", "/api/service-tokens", { name: "door", lists: [list.id] });
  const basic = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString("base64")}`;
  const sent = await fetch(`${gate.url}/v1/messages?from=info@example.com&to=to@example.net`, {
    method: "POST",
    headers: { authorization: basic, "content-type": "message/rfc822" },
    body: "From: info@example.com\r\nSubject: one\r\n\r\nbody\r\n",
  });
  const { id: message } = await sent.json();
  for (let turn = 0; ; turn += 1) {
    const logged = await fetch(`${gate.url}/api/lists/${list.id}/messages/${message}`, { headers: { authorization: `Bearer ${TOKEN}` } });
    if (logged.ok) break;
    if (turn === 100) throw new Error("the message did not come into the log");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  const { body: described } = await admin("GET", "/openapi.json");
  const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ id: operationId, name: `${method.toUpperCase()} ${path}` })),
  );
  const text = (value) => JSON.stringify(value);
  const versions = text(Array.from({ length: 200 }, (_, version) => `"${version}"`).join(", "));
  const config = `
seed = 1
max-time = ${SECONDS}
hooks = ${text(HOOKS)}
[headers]
Authorization = ${text(`Bearer ${TOKEN}`)}
[generation]
max-examples = 8
no-shrink = true
with-security-parameters = false
[checks.positive_data_acceptance]
# No schema says what a cursor, a version, or the engine's grammar of lists is.
expected-statuses = ["2xx", 401, 403, 404, 409, 412, 422, 428, 429]
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429]
[checks.ignored_auth]
# Its guesses would have the tool throttled. The walk over every route tries more of them.
enabled = false
[dictionaries.lists]
values = [${text(list.id)}]
[[operations]]
include-path-regex = "^/v1/"
headers = { Authorization = ${text(basic)} }
parameters = { "query.from" = "info@example.com", "query.to" = "to@example.net" }
[[operations]]
include-operation-id = ["importUsers", "testAlerts", "getMessage"]
parameters = { "path.list" = ${text(list.id)}, "path.message" = ${text(message)} }
[[operations]]
include-operation-id = ["saveAlertSettings", "changeUser"]
parameters = { "path.list" = ${text(list.id)}, "path.user" = ${text(edited.username)}, "header.if-match" = ${versions} }
[[operations]]
include-operation-id = "saveIncoming"
parameters = { "path.list" = ${text(list.id)}, "header.if-match" = ${versions} }
[[operations]]
include-operation-id = "getProfile"
parameters = { "path.list" = ${text(profiled.id)}, "path.user" = ${text(owner.username)} }
# A list that was just made has not this user.
checks.ensure_resource_availability.enabled = false
[[operations]]
include-operation-id = "createServiceToken"
parameters = { "body.lists[*]" = { dictionary = "lists", probability = 0.9 } }
`;
  const configPath = join(folder, "schemathesis.toml");
  await writeFile(configPath, config);
  const report = join(folder, "report.ndjson");
  const run = (...options) =>
    new Promise((resolve, reject) => {
      const call = ["--config-file", configPath, "--no-color", "run", `${gate.url}/openapi.json`, "--report", "ndjson", "--warnings", "off"];
      const tried = spawn(program, [...call, ...options], { cwd: folder, stdio: "inherit" });
      tried.once("error", reject).once("exit", resolve);
    });
  failed = (await run("--exclude-operation-id", "signIn", "--report-ndjson-path", report)) !== 0;
  // Last, because its guesses for the token throttle this address.
  const last = ["--include-operation-id", "signIn", "--max-time", "5", "--report-ndjson-path", join(folder, "last.ndjson")];
  failed = (await run(...last)) !== 0 || failed;

  const succeeded = new Set();
  const seen = new Map();
  for (const line of (await readFile(report, "utf8")).split("\n")) {
    const { cases = {}, interactions = {} } = line === "" ? {} : (JSON.parse(line).ScenarioFinished?.recorder ?? {});
    for (const [id, { response }] of Object.entries(interactions)) {
      const tried = cases[id]?.value;
      seen.set(`${response?.status_code}`, (seen.get(`${response?.status_code}`) ?? 0) + 1);
      if (tried !== undefined && response?.status_code >= 200 && response.status_code < 300) {
        succeeded.add(`${tried.method} ${tried.path}`);
      }
    }
  }
  console.log(`answers: ${[...seen].toSorted().map(([status, count]) => `${status} ${count} times`).join(", ")}`);
  const never = operations.filter(({ id, name }) => id !== "signIn" && !succeeded.has(name)).map(({ name }) => name);
  if (never.length > 0) {
    console.error(`error: these never succeeded, so that nothing was proven of them:\n  ${never.join("\n  ")}`);
    failed = true;
  }
} finally {
  await gate.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
