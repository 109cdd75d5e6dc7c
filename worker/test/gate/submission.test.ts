/** Delivery to another project's server: npm's smtp-server, with TLS and AUTH. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SMTPServer } from "smtp-server";
import { afterAll, expect, test, vi } from "vitest";
import type { RecipientResult } from "../../src/outbox/types.ts";
import { acceptance } from "../acceptance.ts";
import type { Gate } from "../gate.ts";
import { startRude } from "../rude.ts";

const file = (name: string) => fileURLToPath(new URL(`../certificates/${name}`, import.meta.url));
// Read as workerd's local front is loaded: whom it trusts besides the public authorities.
process.env.NODE_EXTRA_CA_CERTS = file("ca.pem");
const { freshGate } = await import("../gate.ts");

const gates: Gate[] = [];
const servers: { close(done: () => void): void }[] = [];
afterAll(async () => {
  await Promise.all(gates.map((gate) => gate.remove()));
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
});

interface Taken {
  user: string | undefined;
  secure: boolean;
  from: string;
  data: Buffer;
}

async function submissionServer(options: { secure: boolean; host?: string }) {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    secure: options.secure,
    key: readFileSync(file("localhost.key")),
    cert: readFileSync(file("localhost.pem")),
    onAuth: ({ username, password }, _session, done) =>
      password === "correct horse" ? done(null, { user: username ?? "" }) : done(new Error("535 5.7.8 no")),
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        const { mailFrom } = session.envelope;
        taken.push({
          user: session.user,
          secure: session.secure,
          from: mailFrom === false ? "" : mailFrom.address,
          data: Buffer.concat(pieces),
        });
        done();
      });
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, options.host ?? "127.0.0.1", resolve));
  servers.push(server);
  const address = server.server.address();
  return { taken, port: typeof address === "object" && address !== null ? address.port : 0 };
}

/** What the log says of one message sent through a gate with these settings. */
async function outcome(vars: Record<string, string>, body: Uint8Array): Promise<RecipientResult[]> {
  const gate = await freshGate({ RELAY: "smarthost", SMARTHOST_TIMEOUT_SECONDS: "3", ...vars });
  gates.push(gate);
  const { BODIES, OUTBOX, DB } = await gate.inside();
  const message = acceptance({ size: body.length, mailFrom: null });
  await BODIES.put(`bodies/${message.id}`, body);
  await OUTBOX.getByName("llisttest/0").accept(message);
  return vi.waitFor(async () => {
    const results = await DB.prepare("SELECT results FROM deliveries").first<string>("results");
    expect(results).not.toBeNull();
    return JSON.parse(results ?? "[]") as RecipientResult[];
  }, 15_000);
}

/** Lines of all lengths, beginning and ending with dots, and every octet but CR and LF. */
function awkward(): Uint8Array {
  const octets = Array.from({ length: 256 }, (_, octet) => octet).filter((octet) => octet !== 10 && octet !== 13);
  const lines = Array.from({ length: 300 }, (_, index) => [...(".".repeat(index % 4)), ...octets.slice(index % 250), "."].map((one) => (typeof one === "string" ? 46 : one)));
  const header = [..."From: info@a.example\r\n\r\n"].map((one) => one.charCodeAt(0));
  return Uint8Array.from([...header, ...lines.flatMap((line) => [...line, 13, 10])]);
}

test("STARTTLS and AUTH; a 6 MB message arrives octet for octet", async () => {
  const server = await submissionServer({ secure: false });
  const part = awkward();
  const body = new Uint8Array(part.length * 100);
  for (let index = 0; index < 100; index += 1) body.set(part, index * part.length);
  const vars = { SMARTHOST_URL: `smtp://localhost:${server.port}`, SMARTHOST_USER: "gate", SMARTHOST_PASSWORD: "correct horse" };
  expect(await outcome(vars, body)).toMatchObject([{ outcome: "delivered" }]);
  expect(server.taken).toMatchObject([{ user: "gate", secure: true, from: "" }]);
  expect(server.taken[0]?.data.equals(body)).toBe(true);
});

test("TLS from the start; refused AUTH leaves the message waiting, and no secret in what is told", async () => {
  const server = await submissionServer({ secure: true });
  const vars = { SMARTHOST_URL: `smtps://localhost:${server.port}`, SMARTHOST_USER: "gate", SMARTHOST_PASSWORD: "wrong horse" };
  const results = await outcome(vars, awkward());
  expect(results).toMatchObject([{ outcome: "deferred", enhancedCode: "4.4.1" }]);
  expect(results[0]?.reply).toMatch(/^AUTH: 535/);
  expect(JSON.stringify(results)).not.toMatch(/horse|Z2F0ZQ|AGdhdGU/);
  expect(server.taken).toEqual([]);
});

test("a server whose certificate is for another name is not talked to", async () => {
  const server = await submissionServer({ secure: true, host: "127.0.0.2" });
  const results = await outcome({ SMARTHOST_URL: `smtps://127.0.0.2:${server.port}` }, awkward());
  expect(results).toMatchObject([{ outcome: "deferred", enhancedCode: "4.4.1" }]);
  expect(server.taken).toEqual([]);
});

test("where TLS is required and not offered nothing is sent", async () => {
  const rude = await startRude();
  servers.push({ close: (done) => void rude.close().then(done) });
  const vars = { SMARTHOST_URL: `smtp://localhost:${rude.port}`, SMARTHOST_USER: "gate", SMARTHOST_PASSWORD: "correct horse" };
  const results = await outcome(vars, awkward());
  expect(results[0]?.reply).toBe("localhost offers no STARTTLS, and the settings require TLS");
  expect(rude.said.join("\n")).not.toMatch(/AUTH|MAIL/);
});
