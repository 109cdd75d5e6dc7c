/** Settings are read once; a wrong one stops the start, and is named. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { SettingsFault, settings } from "../../src/settings.ts";
import { freshGate } from "../gate.ts";

const KEY = "A".repeat(43);
const GOOD = { PEPPERS: `p1:${KEY}`, SESSION_KEY: KEY, SINK_URL: "http://127.0.0.1:9/", EMAIL: {} };

afterEach(() => vi.restoreAllMocks());

test("what is set is typed, what is not has its default, and the same `env` is read once", () => {
  const env = { ...GOOD, FRESHNESS_MS: " 250 ", OUTBOX_SHARDS: 3, DEVELOPMENT: "1", DNS_RESOLVER: "", SUBMISSION_URLS: "smtp://a.example smtps://b.example:4465" };
  const read = settings(env);
  expect(read).toMatchObject({ FRESHNESS_MS: 250, OUTBOX_SHARDS: 3, DEVELOPMENT: true, SERIAL_QUEUE: false, MAX_MESSAGE_BYTES: 26_214_400, RELAY: "sink" });
  expect(read.DNS_RESOLVER).toBeUndefined();
  expect(read.PEPPERS).toEqual([{ id: "p1", octets: Buffer.alloc(32) }]);
  expect(read.SUBMISSION_URLS).toEqual([
    { host: "a.example", port: 587, encryption: "starttls" },
    { host: "b.example", port: 4465, encryption: "tls" },
  ]);
  expect(settings(env)).toBe(read);
});

test.each<[Record<string, unknown>, string]>([
  [{ RELAY: "pigeon" }, "the setting RELAY is `pigeon`; it wants one of `sink`, `smarthost`, `cloudflare`"],
  [{ OUTBOX_SHARDS: "0" }, "the setting OUTBOX_SHARDS is `0`; it wants a whole number from 1 to 1000"],
  [{ OUTBOX_SHARDS: "2.5" }, "the setting OUTBOX_SHARDS is `2.5`; it wants a whole number from 1 to 1000"],
  [{ MAX_MESSAGE_BYTES: "25 MB" }, "the setting MAX_MESSAGE_BYTES is `25 MB`; it wants a whole number from 1024 to 536870912"],
  [{ DELIVERY_CONNECTIONS: "6" }, "the setting DELIVERY_CONNECTIONS is `6`; it wants a whole number from 1 to 5"],
  [{ DEVELOPMENT: "yes" }, "the setting DEVELOPMENT is `yes`; it wants `1` for yes, `0` or nothing for no"],
  [{ HOSTNAME: "gate.example>\r\nBcc: x" }, "the setting HOSTNAME is `gate.example>\r\nBcc: x`; it wants a host name in ASCII, such as `gate.example.com`"],
  [{ ALERT_SENDER: "a@b.example, c@d.example" }, "the setting ALERT_SENDER is `a@b.example, c@d.example`; it wants one mail address in ASCII, such as `alerts@example.com`"],
  [{ ALERT_SENDER: "alerts+*@b.example" }, "the setting ALERT_SENDER is `alerts+*@b.example`; it wants one mail address in ASCII, such as `alerts@example.com`"],
  [{ DNS_RESOLVER: "http://resolver.example/" }, "the setting DNS_RESOLVER is not what it should be; it wants an `https:` address, or one of `http:` on loopback"],
  [{ SUBMISSION_URLS: "smtp://a.example:99999" }, "the setting SUBMISSION_URLS is `smtp://a.example:99999`; it wants `smtp://host:587` and `smtps://host:465`, separated by white space"],
  [{ PEPPERS: `p1:${KEY};p1:${KEY}` }, "the setting PEPPERS is not what it should be; it wants `id:base64url` pairs separated by `;`, of at least 16 octets each, no id twice"],
  [{ SESSION_KEY: undefined }, "the setting SESSION_KEY is missing; it wants at least 16 octets in base64url"],
  [{ ADMIN_TOKEN_SHA256: "abc" }, "the setting ADMIN_TOKEN_SHA256 is not what it should be; it wants a SHA-256 as 64 hexadecimal digits"],
  [{ SINK_URL: "" }, "RELAY is `sink`, and SINK_URL is not set; in production RELAY is `smarthost` or `cloudflare`"],
  [{ RELAY: "smarthost" }, "RELAY is `smarthost`, and SMARTHOST_URL is not set"],
  [{ SMARTHOST_USER: "gate" }, "SMARTHOST_USER and SMARTHOST_PASSWORD are set together or not at all"],
])("%j is refused", (wrong, sentence) => {
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const env = { ...GOOD, ...wrong };
  const fault = faultOf(env);
  expect(fault.faults).toEqual([sentence]);
  expect(faultOf(env)).toBe(fault);
  expect(told.mock.calls.map(([line]) => JSON.parse(String(line)))).toEqual([{ level: "error", event: "settings-wrong", faults: [sentence] }]);
});

test("a smarthost's address is read with its port and its TLS; one with a password in it is refused, and not shown", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const smarthost = (SMARTHOST_URL: string) => settings({ ...GOOD, RELAY: "smarthost", SMARTHOST_URL }).SMARTHOST_URL;
  expect(smarthost("smtp://mx.example")).toEqual({ hostname: "mx.example", port: 587, tls: "required" });
  expect(smarthost("smtp://[::1]:2525?tls=none")).toEqual({ hostname: "::1", port: 2525, tls: "none" });
  expect(smarthost("smtps://mx.example")).toEqual({ hostname: "mx.example", port: 465, tls: "implicit" });
  for (const wrong of ["mx.example", "smtps://mx.example?tls=none", "smtp://mx.example?tls=some", "smtp://gate:secretword@mx.example"]) {
    const { message } = faultOf({ ...GOOD, SMARTHOST_URL: wrong });
    expect(message).toContain("SMARTHOST_URL is not what it should be; it wants `smtp://host:587`");
    expect(message).not.toContain("secretword");
  }
});

test("all that is wrong is said at once", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  expect(faultOf({ RELAY: "x", FRESHNESS_MS: "soon" }).faults).toHaveLength(4);
});

test("a gate with a wrong setting does not start, and says which", async () => {
  await expect(freshGate({ RETENTION_DAYS: "for ever" })).rejects.toThrow("the setting RETENTION_DAYS is `for ever`; it wants a whole number from 1 to 36500");
});

test("`cargo xtask start` prints the sentence and ends", async () => {
  const data = await mkdtemp(join(tmpdir(), "sendergate-test-"));
  try {
    await mkdir(data, { recursive: true });
    await writeFile(join(data, "secrets.json"), JSON.stringify({ PEPPERS: "p1:short" }));
    const serve = fileURLToPath(new URL("../../local/serve.mjs", import.meta.url));
    const ended = await promisify(execFile)(process.execPath, [serve, "--port", "0", "--data", data]).catch((error: unknown) => error);
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("error: the setting PEPPERS is not what it should be; it wants `id:base64url` pairs"),
    });
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});

function faultOf(env: object): SettingsFault {
  try {
    settings(env);
  } catch (error) {
    if (error instanceof SettingsFault) return error;
  }
  throw new Error("these settings are taken for good");
}
