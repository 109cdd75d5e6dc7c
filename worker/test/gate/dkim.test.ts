/** DKIM signatures stay valid through the gate: two programs sign, and a third verifies what arrives. */
import { generateKeyPairSync } from "node:crypto";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import nodemailer from "nodemailer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gate, freshGate } from "../gate.ts";
import { type Account, account, arrived, send } from "../sending.ts";

let gate: Gate;
let user: Account;
beforeAll(async () => {
  gate = await freshGate();
  user = await account(gate, {}, { maxPriority: 3 });
});
afterAll(() => gate.remove());

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: "spki", format: "der" }).toString("base64")}`;

/** What the verifier makes of the one signature in `octets`. */
async function verdict(octets: Buffer): Promise<string> {
  const resolver = async (name: string, type: string): Promise<string[][]> => {
    if (name === "mail._domainkey.allowed.example" && type === "TXT") return [[record]];
    throw Object.assign(new Error("nothing there"), { code: "ENOTFOUND" });
  };
  const { results } = await dkimVerify(octets, { resolver });
  expect(results).toHaveLength(1);
  return results[0]?.status.result ?? "";
}

const body = "Hello, \t world.  \r\n\r\n.\r\n..dots\r\n \r\nGrüße\r\n\r\n\r\n";
const FIELDS = {
  from: "From: info@allowed.example (The Shop)\r\n",
  to: "To:  You   <you@there.example>\r\n",
  subject: "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\tand a fold\r\n",
  date: "Date: Mon, 23 Nov 2026 12:00:00 +0100\r\n",
  id: "Message-ID: <0100018f3c@allowed.example>\r\n",
};
/** What the gate takes out, and nobody signs. */
const gone = "Return-Path: <x@allowed.example>\r\nBcc: secret@there.example\r\nAuthentication-Results: gate.localhost; dkim=pass\r\n";

const SIGNER = { signingDomain: "allowed.example", selector: "mail", privateKey: pem, algorithm: "rsa-sha256" };

async function signed(canonicalization: string, fields: string, headerList: string[]): Promise<Buffer> {
  const { signatures, errors } = await dkimSign(fields + "\r\n" + body, {
    canonicalization,
    signTime: new Date("2026-11-23T11:00:00Z"),
    headerList,
    ...SIGNER,
    // The types want it above, the program here.
    signatureData: [SIGNER],
  });
  expect(errors).toEqual([]);
  return Buffer.from(`${gone}${signatures}${fields}\r\n${body}`);
}

/** `octets` through the gate. */
async function through(octets: Buffer): Promise<Buffer> {
  const answer = await send(gate, user, octets);
  expect(answer.status, answer.text).toBe(202);
  return arrived(gate, answer.id);
}

test.each([
  ["relaxed/relaxed", Object.values(FIELDS).join("")],
  ["simple/simple", Object.values(FIELDS).join("")],
  ["simple/relaxed", Object.values(FIELDS).join("")],
  ["relaxed/simple", Object.values(FIELDS).join("")],
  // Those come at the gate, and priority fields of another level go: they are not signed.
  ["relaxed/relaxed", FIELDS.from + FIELDS.to + FIELDS.subject + "X-Priority: 1\r\n"],
  ["simple/simple", FIELDS.from + FIELDS.to + FIELDS.subject + "X-Priority: 1\r\n"],
])("%s, of %#", async (canonicalization, fields) => {
  const octets = await signed(canonicalization, fields, ["from", "to", "subject", ...(fields.includes("Date:") ? ["date", "message-id"] : [])]);
  expect(await verdict(octets)).toBe("pass");
  const got = await through(octets);
  const text = got.toString("latin1");
  for (const name of ["Return-Path", "Bcc", "Authentication-Results"]) expect(text).not.toContain(`\r\n${name}:`);
  expect(text.match(/\r\n(?:Date|Message-ID):/g)).toHaveLength(2);
  expect(await verdict(got)).toBe("pass");
  // The verifier would see it.
  expect(await verdict(Buffer.from(text.replace("world", "World"), "latin1"))).not.toBe("pass");
});

test("a signed name that breaks the grammar is not put into quotes", async () => {
  const fields = Object.values({ ...FIELDS, from: "From: Info Team. <info@allowed.example>\r\n" }).join("");
  const octets = await signed("relaxed/relaxed", fields, ["from", "to", "subject", "date"]);
  expect(await verdict(octets)).toBe("pass");
  const answer = await send(gate, user, octets);
  // Whether it may leave is the engine's to say; if it leaves, it leaves as it was signed.
  if (answer.status === 202) expect(await verdict(await arrived(gate, answer.id))).toBe("pass");
  else expect(answer).toMatchObject({ status: 403, decision: { reason: "signed-loose-name" } });
});

test("a message signed by nodemailer, with parts and an attachment, all-LF too", async () => {
  const transport = nodemailer.createTransport({
    streamTransport: true,
    buffer: true,
    newline: "windows",
    dkim: { domainName: "allowed.example", keySelector: "mail", privateKey: pem },
  });
  const made = await transport.sendMail({
    from: '"Shop, Inc. ü" <info@allowed.example>',
    to: "you@there.example",
    subject: "Größe".repeat(30),
    text: body,
    html: "<p>Hello</p>",
    attachments: [{ filename: "ü.bin", content: Buffer.from(Array.from({ length: 3_000 }, (_, index) => index & 255)) }],
  });
  const octets = made.message as Buffer;
  expect(await verdict(octets)).toBe("pass");
  expect(await verdict(await through(octets))).toBe("pass");
  const lf = Buffer.from(octets.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
  expect(await verdict(await through(lf))).toBe("pass");
});
