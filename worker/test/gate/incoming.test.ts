/** Mail programs configure themselves: what a list states, what Thunderbird, Outlook and Apple Mail are told, and who is told no name. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ListBody, type UserBody, createList, createUser, expected } from "../api.ts";
import { type Gate, freshGate } from "../gate.ts";

let gate: Gate;
let list: ListBody;
let user: UserBody;
beforeAll(async () => {
  gate = await freshGate({ SUBMISSION_URLS: "smtp://smtp.relay.example:587 smtps://smtp.relay.example:465" });
  list = await createList(gate, { name: "Customers & <friends>" });
  user = await createUser(gate, list.id, { domains: "shop.example", note: "the note" });
});
afterAll(() => gate.remove());

const SERVER = { protocol: "imap", host: "imap.shop.example", port: 993, encryption: "tls" };
const path = (of: ListBody = list) => `/api/lists/${of.id}/incoming`;
const put = (body: unknown, version: number, of: ListBody = list) => gate.admin("PUT", path(of), body, { "if-match": `"${version}"` });
const autoconfig = (host: string, query = "", way = "/mail/config-v1.1.xml") => gate.dispatch(`https://${host}${way}${query}`);

const ask = (address: string, schema = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a") =>
  `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>${schema}</AcceptableResponseSchema></Request></Autodiscover>`;
const autodiscover = (body: string) =>
  gate.dispatch("https://autodiscover.shop.example/autodiscover/autodiscover.xml", { method: "POST", headers: { "content-type": "text/xml" }, body });

const parser = new XMLParser({ ignoreAttributes: false });
async function xml(answer: Response, type = "text/xml; charset=utf-8"): Promise<{ text: string; read: any }> {
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  expect(answer.headers.get("content-type")).toBe(type);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(XMLValidator.validate(text)).toBe(true);
  return { text, read: parser.parse(text) };
}

test("a list states no incoming server until somebody does, and nobody is configured", async () => {
  const answer = await gate.admin("GET", path());
  expect(answer.headers.get("etag")).toBe('"0"');
  expect(await expected(answer, 200)).toEqual({ server: null, domains: "", records: [] });
  expect((await autoconfig("autoconfig.shop.example")).status).toBe(404);
  expect((await autodiscover(ask("a@shop.example"))).status).toBe(404);
  expect(await expected(gate.admin("GET", `/api/lists/${list.id}/users/${user.username}/profile.mobileconfig`), 409)).toMatchObject({ code: "incoming-missing" });
});

test("what is wrong is refused with the place, and nothing is written", async () => {
  const domains = "shop.example";
  const wrong: [body: unknown, code: string, detail: RegExp][] = [
    [{ server: SERVER, domains: "" }, "incoming-invalid", /at least one domain/],
    [{ server: null, domains }, "incoming-invalid", /without a server there is none/],
    [{ server: SERVER, domains: "shop.example, b.example" }, "incoming-invalid", /separated by `;`/],
    [{ server: SERVER, domains: "*.shop.example" }, "incoming-invalid", /without `\*\.`/],
    [{ server: SERVER, domains: Array.from({ length: 51 }, (_, index) => `d${index}.example`).join(";") }, "incoming-invalid", /at most 50/],
    [{ server: { ...SERVER, host: "imap shop" }, domains }, "invalid-request", /host name/],
    [{ server: { ...SERVER, host: "<x>" }, domains }, "invalid-request", /host name/],
    [{ server: { ...SERVER, port: 0 }, domains }, "invalid-request", /port/],
    [{ server: { ...SERVER, encryption: "none" }, domains }, "invalid-request", /encryption/],
    [{ server: SERVER, domains, password: "x" }, "invalid-request", /password/],
    [{ server: SERVER, domains: `${"a".repeat(16_384)}.example` }, "invalid-request", /domains/],
  ];
  for (const [body, code, detail] of wrong) {
    const problem = await expected<{ code: string; detail: string }>(put(body, 0), 422);
    expect([problem.code, problem.detail], JSON.stringify(body).slice(0, 80)).toEqual([code, expect.stringMatching(detail)]);
  }
  expect(await expected(gate.admin("GET", path()), 200)).toMatchObject({ server: null });
});

test("it is saved with the version that was read, and the records to set come back", async () => {
  expect(await expected(gate.admin("PUT", path(), { server: SERVER, domains: "shop.example" }), 428)).toMatchObject({ code: "version-missing" });
  const answer = await put({ server: SERVER, domains: "Shop.example; bücher.example" }, 0);
  expect(answer.headers.get("etag")).toBe('"1"');
  const saved = await expected<{ records: { domain: string; name: string; type: string; value: string }[] }>(answer, 200);
  expect(saved).toMatchObject({ server: SERVER, domains: "shop.example;xn--bcher-kva.example" });
  expect(await expected(gate.admin("GET", path()), 200)).toEqual(saved);
  expect(saved.records.filter(({ domain }) => domain === "shop.example")).toEqual([
    { domain: "shop.example", name: "_submissions._tcp.shop.example.", type: "SRV", value: "0 1 465 smtp.relay.example." },
    { domain: "shop.example", name: "_submission._tcp.shop.example.", type: "SRV", value: "0 1 587 smtp.relay.example." },
    { domain: "shop.example", name: "_imaps._tcp.shop.example.", type: "SRV", value: "0 1 993 imap.shop.example." },
  ]);
  // A gate that is asked by its name can be found by that.
  const asked = await gate.dispatch(`https://gate.relay.example${path()}`, { headers: { authorization: "Bearer the-administrator-of-the-tests" } });
  expect((await expected<typeof saved>(asked, 200)).records.slice(3, 6)).toEqual([
    { domain: "shop.example", name: "autoconfig.shop.example.", type: "CNAME", value: "gate.relay.example." },
    { domain: "shop.example", name: "autodiscover.shop.example.", type: "CNAME", value: "gate.relay.example." },
    { domain: "shop.example", name: "_autodiscover._tcp.shop.example.", type: "SRV", value: "0 1 443 gate.relay.example." },
  ]);
  expect(await expected(put({ server: SERVER, domains: "late.example" }, 0), 412)).toMatchObject({ code: "version-passed", current: { domains: "shop.example;xn--bcher-kva.example", version: 1 } });
  expect(await expected(gate.admin("GET", path()), 200)).toEqual(saved);
});

test("a domain belongs to one list", async () => {
  const other = await createList(gate, { name: "Theirs" });
  const problem = await expected<{ detail: string }>(put({ server: SERVER, domains: "theirs.example; SHOP.example" }, 0, other), 409);
  expect(problem).toMatchObject({ code: "domain-taken", detail: expect.stringContaining("shop.example") });
  expect(await expected(gate.admin("GET", path(other)), 200)).toMatchObject({ server: null, domains: "" });
  expect((await autoconfig("autoconfig.theirs.example")).status).toBe(404);
});

test("Thunderbird is told both servers, and no name", async () => {
  for (const [host, query, way] of [
    ["autoconfig.shop.example", "?emailaddress=ada%40shop.example", "/mail/config-v1.1.xml"],
    ["autoconfig.shop.example", "", "/mail/config-v1.1.xml"],
    ["shop.example", "", "/.well-known/autoconfig/mail/config-v1.1.xml"],
    ["gate.relay.example", "?emailaddress=ada@SHOP.example", "/.well-known/autoconfig/mail/config-v1.1.xml"],
  ] as const) {
    const { text, read } = await xml(await autoconfig(host, query, way));
    const { emailProvider } = read.clientConfig;
    expect(emailProvider).toMatchObject({ "@_id": "shop.example", domain: "shop.example" });
    expect(emailProvider.incomingServer).toEqual({
      "@_type": "imap", hostname: "imap.shop.example", port: 993, socketType: "SSL", authentication: "password-cleartext", username: "%EMAILADDRESS%",
    });
    const ours = { "@_type": "smtp", hostname: "smtp.relay.example", authentication: "password-cleartext", username: "SMTP+ user name" };
    expect(emailProvider.outgoingServer).toEqual([{ ...ours, port: 465, socketType: "SSL" }, { ...ours, port: 587, socketType: "STARTTLS" }]);
    for (const secret of [user.username, user.password, list.id, "friends", "the note", "ada"]) expect(text).not.toContain(secret);
  }
  const { read } = await xml(await autoconfig("autoconfig.xn--bcher-kva.example", `?emailaddress=${encodeURIComponent("x@bücher.example")}`));
  expect(read.clientConfig.emailProvider.domain).toBe("xn--bcher-kva.example");
});

test("Outlook is told both servers, by an address of the domain, and no name", async () => {
  const { text, read } = await xml(await autodiscover(ask("ada@shop.example")));
  const { Account } = read.Autodiscover.Response;
  expect(Account).toMatchObject({ AccountType: "email", Action: "settings" });
  const common = { SPA: "off", SSL: "on", Encryption: "SSL", AuthRequired: "on" };
  expect(Account.Protocol).toEqual([
    { Type: "IMAP", Server: "imap.shop.example", Port: 993, ...common },
    { Type: "SMTP", Server: "smtp.relay.example", Port: 465, ...common, UsePOPAuth: "off", SMTPLast: "off" },
  ]);
  for (const secret of [user.username, user.password, list.id, "friends", "ada"]) expect(text).not.toContain(secret);
});

test.each<[string, string, number]>([
  ["another domain", ask("ada@other.example"), 404],
  ["no address", ask(""), 422],
  ["two addresses", ask("a@shop.example;b@shop.example"), 422],
  ["what is no address", ask("shop.example"), 422],
  ["an entity", ask("&#97;@shop.example"), 422],
  ["another schema", ask("ada@shop.example", "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"), 422],
  ["no XML", "hello", 422],
  ["nothing", "", 422],
  ["more than a question", ask(`ada@shop.example${" ".repeat(16_384)}`), 413],
])("Outlook, asking with %s", async (_, body, status) => {
  expect((await autodiscover(body)).status).toBe(status);
});

test.each(["?emailaddress=", "?emailaddress=nobody", "?emailaddress=a@b.example;c@shop.example", `?emailaddress=${"x".repeat(3000)}@shop.example`, "?emailaddress=%00", "?emailaddress=a@other.example"])(
  "an address that says no domain of ours, %s, is told nothing from a host that is none",
  async (query) => {
    const answer = await autoconfig("gate.relay.example", query);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain("shop.example");
  },
);

test("a profile is for one user, for whoever is signed in, without passwords", async () => {
  const profile = `/api/lists/${list.id}/users/${user.username}/profile.mobileconfig`;
  expect((await fetch(gate.url + profile)).status).toBe(401);
  expect((await fetch(gate.url + profile, { headers: { authorization: `Basic ${btoa(`${user.username}:${user.password}`)}` } })).status).toBe(401);
  expect(await expected(gate.admin("GET", profile.replace(user.username, "sunknown000")), 404)).toMatchObject({ code: "user-unknown" });
  const answer = await gate.admin("GET", profile);
  expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="${user.username}.mobileconfig"`);
  const { text } = await xml(answer, "application/x-apple-aspen-config");
  const value = (key: string) => new RegExp(`<key>${key}</key>\\s*(?:<(true|false)/>|<(?:string|integer)>([^<]*)<)`).exec(text)?.slice(1).find((one) => one !== undefined);
  expect(Object.fromEntries(["EmailAccountType", "IncomingMailServerHostName", "IncomingMailServerPortNumber", "OutgoingMailServerHostName", "OutgoingMailServerPortNumber", "OutgoingMailServerUseSSL", "OutgoingMailServerUsername", "OutgoingPasswordSameAsIncomingPassword"].map((key) => [key, value(key)]))).toEqual({
    EmailAccountType: "EmailTypeIMAP",
    IncomingMailServerHostName: "imap.shop.example",
    IncomingMailServerPortNumber: "993",
    OutgoingMailServerHostName: "smtp.relay.example",
    OutgoingMailServerPortNumber: "465",
    OutgoingMailServerUseSSL: "true",
    OutgoingMailServerUsername: user.username,
    OutgoingPasswordSameAsIncomingPassword: "false",
  });
  expect(text).not.toContain(user.password);
  expect(text).toContain("Customers &#38; &#60;friends&#62;");
  // The same profile again: a device replaces the one it has.
  expect(await (await gate.admin("GET", profile)).text()).toBe(text);
});

test("without a server again nobody is told, and a deleted list frees its domains", async () => {
  expect(await expected(put({ server: null, domains: "" }, 1), 200)).toEqual({ server: null, domains: "", records: [] });
  expect((await autoconfig("autoconfig.shop.example")).status).toBe(404);
  await expected(put({ server: SERVER, domains: "shop.example" }, 2), 200);
  const { version: current } = await expected<ListBody>(gate.admin("GET", `/api/lists/${list.id}`), 200);
  await expected(gate.admin("DELETE", `/api/lists/${list.id}`, undefined, { "if-match": `"${current}"` }), 204);
  expect((await autoconfig("autoconfig.shop.example")).status).toBe(404);
  const next = await createList(gate, { name: "Next" });
  await expected(put({ server: SERVER, domains: "shop.example" }, 0, next), 200);
  await xml(await autoconfig("autoconfig.shop.example"));
});
