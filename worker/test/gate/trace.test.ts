/** The trace field: what a service states of the SMTP session stands in it (RFC 5321 section 4.4), and nobody else may state it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gate, freshGate } from "../gate.ts";
import { type Account, account, arrived, message, send, withoutTrace } from "../sending.ts";

let gate: Gate;
let hiding: Gate;
beforeAll(async () => {
  [gate, hiding] = await Promise.all([freshGate(), freshGate({ HIDE_CLIENT_ADDRESS: "1" })]);
});
afterAll(() => Promise.all([gate.remove(), hiding.remove()]));

interface Door {
  at: Gate;
  user: Account;
  headers: Record<string, string>;
}

async function doorAt(at: Gate): Promise<Door> {
  const user = await account(at);
  const made = await at.admin("POST", "/api/service-tokens", { name: "door", lists: [user.list] });
  const { token } = (await made.json()) as { token: string };
  return { at, user, headers: { authorization: `Bearer ${token}`, "sendergate-user": user.username } };
}

/** The clauses of the trace field of a message for which this was stated, in one line, without its id and its date. */
async function traced({ at, user, headers }: Door, stated: Record<string, string>, body = message()): Promise<string> {
  const answer = await send(at, user, body, { ...headers, ...stated });
  expect(answer.status, answer.text).toBe(202);
  const { trace, message: rest } = withoutTrace(await arrived(at, answer.id));
  // Folded in CRLF whatever the message has, in lines of at most 78 characters here, and only one.
  expect(trace.split("\r\n").every((line) => line.length <= 78 && !line.includes("\n"))).toBe(true);
  expect(rest.toString("latin1")).not.toContain("Received:");
  expect(trace).not.toContain(user.username);
  const [, clauses = ""] = /^Received: (.*) id [0-9a-z]{26}; \w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000 $/.exec(trace.replaceAll(/\r\n[ \t]?/g, " ")) ?? [];
  return clauses;
}

test("what the client said in EHLO, where it came from, and how", async () => {
  const door = await doorAt(gate);
  const client = { "sendergate-client": "2001:DB8::7" };
  const helo = (text: string) => ({ "sendergate-helo": text });
  expect(await traced(door, { ...client, ...helo("mail.client.example"), "sendergate-with": "esmtpsa" })).toBe(
    "from mail.client.example ([IPv6:2001:db8::7]) by gate.localhost with ESMTPSA",
  );
  expect(await traced(door, { ...client, ...helo("[192.168.1.7]") })).toBe("from [192.168.1.7] ([IPv6:2001:db8::7]) by gate.localhost");
  expect(await traced(door, { ...client, ...helo("[IPv6:FE80::1]") })).toBe("from [IPv6:fe80::1] ([IPv6:2001:db8::7]) by gate.localhost");
  expect(await traced(door, { ...client, ...helo("192.168.1.7") })).toBe("from [192.168.1.7] ([IPv6:2001:db8::7]) by gate.localhost");
  expect(await traced(door, { ...client, "sendergate-with": "UTF8SMTPSA" })).toBe(
    "from [IPv6:2001:db8::7] ([IPv6:2001:db8::7]) by gate.localhost with UTF8SMTPSA",
  );
  expect(await traced(door, helo("LAPTOP-7"))).toBe("from LAPTOP-7 by gate.localhost");
  // An address literal stands beside the address that was seen, or not at all.
  expect(await traced(door, helo("[192.0.2.1]"))).toBe("by gate.localhost");
  expect(await traced(door, {})).toBe("by gate.localhost");
  expect(await traced(door, { ...client, ...helo("a.example") }, message().replaceAll("\r\n", "\n"))).toBe(
    "from a.example ([IPv6:2001:db8::7]) by gate.localhost",
  );
});

test("what is neither a domain nor an address stands in a comment, as the client said it", async () => {
  const door = await doorAt(gate);
  const client = { "sendergate-client": "192.0.2.1" };
  const claims = ["my_laptop", "a.example.", "a..example", "-a.example", "192.0.2.", "[x]", "a,b", `"a"@b:/?=!'*+`, "~".repeat(40)];
  for (const claim of claims) {
    expect(await traced(door, { ...client, "sendergate-helo": claim }), claim).toBe(`from [192.0.2.1] (HELO ${claim}) by gate.localhost`);
  }
  expect(await traced(door, { "sendergate-helo": "my_laptop", "sendergate-with": "ESMTPA" })).toBe("from unknown (HELO my_laptop) by gate.localhost with ESMTPA");
  // An address that is not quite written as one is one all the same.
  for (const said of ["[2001:DB8::7]", "2001:db8::7", "[IPv6:2001:db8::7]"]) {
    expect(await traced(door, { ...client, "sendergate-helo": said }), said).toBe("from [IPv6:2001:db8::7] ([192.0.2.1]) by gate.localhost");
  }
  for (const long of ["x".repeat(64), "_".repeat(255)]) {
    const { id } = await send(gate, door.user, message(), { ...door.headers, ...client, "sendergate-helo": long });
    expect(withoutTrace(await arrived(gate, id)).trace).toContain(`from [192.0.2.1] (HELO ${long})\r\n\tby `);
  }
});

test("HIDE_CLIENT_ADDRESS leaves the client's address out, in whatever clause; the log has it", async () => {
  const door = await doorAt(hiding);
  const client = { "sendergate-client": "192.0.2.1" };
  expect(await traced(door, { ...client, "sendergate-helo": "a.example", "sendergate-with": "ESMTPA" })).toBe("from a.example by gate.localhost with ESMTPA");
  expect(await traced(door, { ...client, "sendergate-helo": "my_laptop" })).toBe("from unknown (HELO my_laptop) by gate.localhost");
  const addresses = ["[192.0.2.1]", "192.0.2.1", "[IPv6:192.0.2.1]", "_192.0.2.1_", "[192.0.2.1", "x:2001"];
  for (const address of addresses) expect(await traced(door, { ...client, "sendergate-helo": address })).toBe("by gate.localhost");
  expect(await traced(door, client)).toBe("by gate.localhost");
  const { DB } = await hiding.inside();
  for (let tries = 0; (await DB.prepare("SELECT count(*) AS n FROM messages WHERE client = '192.0.2.1'").first("n")) !== addresses.length + 3; tries += 1) {
    expect(tries).toBeLessThan(100);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

test.each([
  ["Sendergate-Helo", ["", "a b", "a\tb", "_".repeat(256), "é", "192.0.2.1)\\r\\nX: y", "(a)", "a)", "a<b", "a>b", "a;b", "a\\b"]],
  ["Sendergate-With", ["", "HTTP", "ESMTPSAX", "SMTPA", "ESMTP SA", "ESMTPAS"]],
])("%s: a wrong one is named, and nobody else may state it", async (name, wrong) => {
  const { user, headers } = await doorAt(gate);
  for (const text of wrong) {
    expect(await send(gate, user, message(), { ...headers, [name]: text }), text).toMatchObject({ status: 422, code: "invalid-envelope", parameter: name });
  }
  expect(await send(gate, user, message(), { [name]: "ESMTP" })).toMatchObject({ status: 403, code: "service-token-required" });
});
