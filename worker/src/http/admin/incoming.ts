/** The customer's own incoming server of a list, and the profile by which an Apple device sets up one user. */
import { createRoute, z } from "@hono/zod-openapi";
import { parseDomainList } from "sendergate";
import { isDomain } from "../../addresses.ts";
import { type Incoming, domainTaken, readIncoming, writeIncoming } from "../../directory/incoming.ts";
import { findUser } from "../../directory/users.ts";
import { Problem } from "../../problem.ts";
import { settings } from "../../settings.ts";
import { type Servers, dnsRecords, mobileconfig } from "../programs/documents.ts";
import { newRoutes } from "../routes.ts";
import { ADMIN, ListPath, Text, body, json, problems } from "../schemas.ts";
import { knownList } from "./lists.ts";
import { ETAG, IfMatch, etag, versionPassed, versionsRead } from "./version.ts";

const tags = ["lists"];
const MOST_DOMAINS = 50;
const PROFILE = "application/x-apple-aspen-config";

const Server = z
  .strictObject({
    protocol: z.enum(["imap", "pop3"]),
    host: Text.max(253).refine(isDomain, "this is no host name in ASCII, such as `imap.yourcompany.example`").openapi({ example: "imap.yourcompany.example" }),
    port: z.int().min(1).max(65_535),
    encryption: z.enum(["starttls", "tls"]).openapi({ description: "`tls` from the first octet on, or by STARTTLS." }),
  })
  .openapi("IncomingServer");

const Shared = {
  server: Server.nullable().openapi({ description: "`null`: none is stated, and mail programs do not configure themselves." }),
  domains: Text.max(16_384).openapi({
    description: `The domains of the customer's mail addresses, separated by \`;\`, at most ${MOST_DOMAINS}. A domain belongs to one list.`,
    example: "yourcompany.example",
  }),
};

const NewIncoming = z.strictObject(Shared).openapi("NewIncoming", {
  example: { server: { protocol: "imap", host: "imap.yourcompany.example", port: 993, encryption: "tls" }, domains: "yourcompany.example" },
});
const IncomingSchema = z
  .object({
    ...Shared,
    records: z
      .array(z.object({ domain: z.string(), name: z.string(), type: z.enum(["SRV", "CNAME"]), value: z.string() }))
      .openapi({ description: "What to set in the DNS of each domain (RFC 6186, RFC 8314)." }),
  })
  .openapi("Incoming");

const getIncoming = createRoute({
  method: "get",
  path: "/api/lists/{list}/incoming",
  operationId: "getIncoming",
  summary: "The customer's own incoming server, and the DNS records by which mail programs configure themselves",
  tags,
  security: ADMIN,
  request: { params: ListPath },
  responses: { 200: json("The incoming server", IncomingSchema, ETAG), ...problems(401, 404, 429) },
});

const putIncoming = createRoute({
  method: "put",
  path: "/api/lists/{list}/incoming",
  operationId: "saveIncoming",
  summary: "States the customer's own incoming server, or none",
  tags,
  security: ADMIN,
  request: { params: ListPath, headers: IfMatch, body: body(NewIncoming) },
  responses: { 200: json("The incoming server", IncomingSchema, ETAG), ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429) },
});

const getProfile = createRoute({
  method: "get",
  path: "/api/lists/{list}/users/{user}/profile.mobileconfig",
  operationId: "getProfile",
  summary: "A configuration profile for iPhone, iPad and Mac, with this user's name and no password",
  tags: ["users"],
  security: ADMIN,
  request: { params: ListPath.extend({ user: z.string().openapi({ description: "The user's name." }) }) },
  responses: { 200: { description: "The profile", content: { [PROFILE]: { schema: z.string() } } }, ...problems(401, 404, 409, 429) },
});

/** The domains of a text as they are stored. @throws Problem 422 */
function domainsOf(text: string): string[] {
  const { ok, entries, diagnostics } = parseDomainList(text);
  const invalid = (detail: string) => new Problem(422, "incoming-invalid", detail, { diagnostics });
  if (!ok) throw invalid(`domains: ${diagnostics.find(({ severity }) => severity === "error")?.message ?? "the list is not valid"}`);
  if (entries.some(({ kind }) => kind !== "domain")) throw invalid("domains: a program asks for one domain; write each of them, without `*.`");
  const domains = [...new Set(entries.map(({ ascii }) => ascii))].toSorted();
  if (domains.length > MOST_DOMAINS) throw invalid(`domains: these are ${domains.length}, and a list has at most ${MOST_DOMAINS}`);
  return domains;
}

function shown(env: Env, { server, domains }: Incoming, gate: string) {
  const servers: Servers | undefined = server === null ? undefined : { incoming: server, outgoing: settings(env).SUBMISSION_URLS ?? [] };
  const records = domains.flatMap((domain) => (servers === undefined ? [] : dnsRecords(domain, servers, gate).map((record) => ({ domain, ...record }))));
  return { server, domains: domains.join(";"), records };
}

export const incomingRoutes = newRoutes();

incomingRoutes.openapi(getIncoming, async (context) => {
  const { list } = context.req.valid("param");
  await knownList(context.env, list);
  const { version, ...stored } = await readIncoming(context.env, list);
  return context.json(shown(context.env, stored, new URL(context.req.url).hostname), 200, { etag: etag(version) });
});

incomingRoutes.openapi(putIncoming, async (context) => {
  const { list } = context.req.valid("param");
  const read = versionsRead(context.req.valid("header")["if-match"]);
  const wanted = context.req.valid("json");
  const domains = domainsOf(wanted.domains);
  if ((wanted.server === null) !== (domains.length === 0)) {
    throw new Problem(422, "incoming-invalid", "domains: an incoming server needs at least one domain, and without a server there is none", { diagnostics: [] });
  }
  await knownList(context.env, list);
  const gate = new URL(context.req.url).hostname;
  const passed = async () => {
    const { version, ...stored } = await readIncoming(context.env, list);
    return versionPassed({ ...shown(context.env, stored, gate), version }, wanted);
  };
  const before = await readIncoming(context.env, list);
  if (!read.includes(before.version)) throw await passed();
  const next = { server: wanted.server, domains };
  const taken = await domainTaken(context.env, list, domains);
  const outcome = taken === undefined ? await writeIncoming(context.env, list, before.version, next) : "taken";
  if (outcome === "passed") throw await passed();
  if (outcome === "taken") throw new Problem(409, "domain-taken", `another list states the incoming server of ${taken ?? "one of these domains"}; a domain belongs to one list`);
  return context.json(shown(context.env, next, gate), 200, { etag: etag(before.version + 1) });
});

incomingRoutes.openapi(getProfile, async (context) => {
  const { list: id, user: name } = context.req.valid("param");
  const list = await knownList(context.env, id);
  const user = await findUser(context.env, id, name);
  if (user === undefined) throw new Problem(404, "user-unknown", "the list has no such user");
  const { server } = await readIncoming(context.env, id);
  const outgoing = settings(context.env).SUBMISSION_URLS ?? [];
  if (server === null || outgoing.length === 0) {
    throw new Problem(409, "incoming-missing", "this list states no incoming server, or no SMTP door runs here: a mail program wants both");
  }
  return context.body(await mobileconfig({ incoming: server, outgoing }, list, user.username), 200, {
    "content-type": PROFILE,
    "content-disposition": `attachment; filename="${user.username}.mobileconfig"`,
  });
});
