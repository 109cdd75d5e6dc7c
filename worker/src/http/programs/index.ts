/**
 * What mail programs ask by themselves, before anybody has signed in: Thunderbird's autoconfig, Outlook's Autodiscover. They are told
 * servers and no names. They are not in /openapi.json: their shapes are Mozilla's and Microsoft's.
 */
import { parseDomainList, parseSenderList } from "sendergate";
import { type IncomingServer, incomingOf } from "../../directory/incoming.ts";
import { Problem } from "../../problem.ts";
import type { SubmissionServer } from "../../setting-kinds.ts";
import { settings } from "../../settings.ts";
import { readAtMost } from "../guards.ts";
import { newRoutes } from "../routes.ts";
import { autoconfig, autodiscover } from "./documents.ts";

/** Outlook's question takes some hundred octets. */
const LONGEST_QUESTION = 16 * 1024;
const OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
/** No parser for one element: a document that hides it in entities or CDATA gets no answer. */
const ADDRESS = /<(?:\w+:)?EMailAddress>\s*([^<>&\s]{3,320})\s*<\/(?:\w+:)?EMailAddress>/i;

/** The domain of one mail address, in A-labels. */
function domainOfAddress(text: string): string | undefined {
  const { ok, entries } = parseSenderList(text.slice(0, 320));
  return ok && entries.length === 1 ? entries[0]?.domain.ascii : undefined;
}

/** The domain that a host name stands for: itself, or what follows `autoconfig.`. */
function domainsOfHost(host: string): string[] {
  const [entry] = parseDomainList(host.slice(0, 255)).entries;
  if (entry === undefined) return [];
  const [, below] = /^(?:autoconfig|autodiscover)\.(.+)$/.exec(entry.ascii) ?? [];
  return [...(below === undefined ? [] : [below]), entry.ascii];
}

/** @throws Problem 404 where no list states one, or no door runs that mail could be sent through. */
async function serversFor(env: Env, domains: readonly string[]): Promise<{ domain: string; incoming: IncomingServer; outgoing: readonly SubmissionServer[] }> {
  const outgoing = settings(env).SUBMISSION_URLS ?? [];
  const incoming = domains.length === 0 || outgoing.length === 0 ? undefined : await incomingOf(env, domains);
  if (incoming === undefined) throw new Problem(404, "not-found", "nothing is known of this domain here");
  return { domain: incoming.domain, incoming, outgoing };
}

export const programs = newRoutes();

/** By the address that the program sets up, where it says one; else by the name at which it asks. */
programs.on("GET", ["/.well-known/autoconfig/mail/config-v1.1.xml", "/mail/config-v1.1.xml"], async (context) => {
  const address = context.req.query("emailaddress");
  const asked = address === undefined ? undefined : domainOfAddress(address);
  const { domain, ...servers } = await serversFor(context.env, asked === undefined ? domainsOfHost(new URL(context.req.url).hostname) : [asked]);
  return context.body(autoconfig(domain, servers), 200, { "content-type": "text/xml; charset=utf-8" });
});

programs.on("POST", ["/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml"], async (context) => {
  const { body } = context.req.raw;
  const octets = body === null ? new Uint8Array() : await readAtMost(body, LONGEST_QUESTION, 0);
  if (octets === undefined) throw new Problem(413, "body-too-large", `the body is larger than ${LONGEST_QUESTION} octets, the limit at this address`, { limit: LONGEST_QUESTION });
  const question = new TextDecoder().decode(octets);
  const domain = domainOfAddress(ADDRESS.exec(question)?.[1] ?? "");
  if (domain === undefined || !question.includes(OUTLOOK)) {
    throw new Problem(422, "invalid-request", "this is no Autodiscover request of Outlook: it wants an EMailAddress and the AcceptableResponseSchema of 2006a", { errors: [] });
  }
  return context.body(autodiscover(await serversFor(context.env, [domain])), 200, { "content-type": "text/xml; charset=utf-8" });
});
