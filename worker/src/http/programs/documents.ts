/**
 * What mail programs read to configure themselves: the incoming server that a list states, and ours for sending. None of them but the
 * profile, which is for administrators, names a user.
 */
import type { IncomingServer } from "../../directory/incoming.ts";
import type { SubmissionServer } from "../../setting-kinds.ts";

export interface Servers {
  incoming: IncomingServer;
  outgoing: readonly SubmissionServer[];
}

/** In the place of a name that nobody is told: a person reads it and writes the user's name over it. */
export const ASKED = "SMTP+ user name";

const escaped = (text: string | number): string =>
  String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** TLS from the first octet on goes first (RFC 8314 section 3.3). */
const inOrder = (servers: readonly SubmissionServer[]) => servers.toSorted((one, other) => Number(other.encryption === "tls") - Number(one.encryption === "tls"));

/** Thunderbird's own format, version 1.1. It does not work without a `username` of the outgoing server. */
export function autoconfig(domain: string, { incoming, outgoing }: Servers): string {
  const server = (kind: string, { host, port, encryption }: { host: string; port: number; encryption: string }, user: string) => `    <${kind}>
      <hostname>${escaped(host)}</hostname>
      <port>${port}</port>
      <socketType>${encryption === "tls" ? "SSL" : "STARTTLS"}</socketType>
      <authentication>password-cleartext</authentication>
      <username>${user}</username>
    </${kind.split(" ")[0]}>
`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${escaped(domain)}">
    <domain>${escaped(domain)}</domain>
    <displayName>${escaped(domain)}</displayName>
    <displayShortName>${escaped(domain)}</displayShortName>
${server(`incomingServer type="${incoming.protocol}"`, incoming, "%EMAILADDRESS%")}${inOrder(outgoing)
    .map((one) => server('outgoingServer type="smtp"', one, ASKED))
    .join("")}  </emailProvider>
</clientConfig>
`;
}

/** Outlook's plain old XML. Without a LoginName Outlook asks for one. It takes one outgoing server. */
export function autodiscover({ incoming, outgoing }: Servers): string {
  const protocol = (type: string, { host, port, encryption }: { host: string; port: number; encryption: string }, more = "") => `      <Protocol>
        <Type>${type}</Type>
        <Server>${escaped(host)}</Server>
        <Port>${port}</Port>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>${encryption === "tls" ? "SSL" : "TLS"}</Encryption>
        <AuthRequired>on</AuthRequired>
${more}      </Protocol>
`;
  const [sending] = inOrder(outgoing);
  const own = "        <UsePOPAuth>off</UsePOPAuth>\n        <SMTPLast>off</SMTPLast>\n";
  return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${protocol(incoming.protocol.toUpperCase(), incoming)}${sending === undefined ? "" : protocol("SMTP", sending, own)}    </Account>
  </Response>
</Autodiscover>
`;
}

/** The same identifier for the same user, so that a profile replaces the one before it. */
async function uuidOf(text: string): Promise<string> {
  const octets = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).slice(0, 16);
  // A UUID of one's own making: version 8 (RFC 9562 section 5.8).
  octets[6] = 0x80 | ((octets[6] ?? 0) & 0x0f);
  octets[8] = 0x80 | ((octets[8] ?? 0) & 0x3f);
  return Buffer.from(octets).toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5").toUpperCase();
}

type Value = string | number | boolean | Value[] | { [key: string]: Value };

function plist(value: Value, indent: string): string {
  if (typeof value === "boolean") return `${indent}<${value}/>\n`;
  if (typeof value === "number") return `${indent}<integer>${value}</integer>\n`;
  if (typeof value === "string") return `${indent}<string>${escaped(value)}</string>\n`;
  if (Array.isArray(value)) return `${indent}<array>\n${value.map((one) => plist(one, `${indent}\t`)).join("")}${indent}</array>\n`;
  const members = Object.entries(value).map(([key, one]) => `${indent}\t<key>${escaped(key)}</key>\n${plist(one, `${indent}\t`)}`);
  return `${indent}<dict>\n${members.join("")}${indent}</dict>\n`;
}

/** Apple's configuration profile for one user. What it leaves out, the mail address and both passwords, the device asks for. */
export async function mobileconfig({ incoming, outgoing }: Servers, list: { id: string; name: string }, user: string): Promise<string> {
  const identifier = `sendergate.${list.id}.${user}`;
  const [sending] = inOrder(outgoing);
  const mail: Value = {
    PayloadType: "com.apple.mail.managed",
    PayloadVersion: 1,
    PayloadIdentifier: `${identifier}.mail`,
    PayloadUUID: await uuidOf(`${identifier}.mail`),
    PayloadDisplayName: list.name,
    EmailAccountDescription: list.name,
    EmailAccountType: incoming.protocol === "imap" ? "EmailTypeIMAP" : "EmailTypePOP",
    IncomingMailServerAuthentication: "EmailAuthPassword",
    IncomingMailServerHostName: incoming.host,
    IncomingMailServerPortNumber: incoming.port,
    IncomingMailServerUseSSL: true,
    OutgoingMailServerAuthentication: "EmailAuthPassword",
    ...(sending === undefined ? {} : { OutgoingMailServerHostName: sending.host, OutgoingMailServerPortNumber: sending.port }),
    OutgoingMailServerUseSSL: true,
    OutgoingMailServerUsername: user,
    OutgoingPasswordSameAsIncomingPassword: false,
  };
  const profile: Value = {
    PayloadType: "Configuration",
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: await uuidOf(identifier),
    PayloadDisplayName: list.name,
    PayloadContent: [mail],
  };
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${plist(profile, "")}</plist>
`;
}

export interface DnsRecord {
  name: string;
  type: "SRV" | "CNAME";
  value: string;
}

const INCOMING = { imap: { tls: "_imaps", starttls: "_imap" }, pop3: { tls: "_pop3s", starttls: "_pop3" } } as const;
const named = (host: string): boolean => !/^[\d.]+$|[[\]:]/.test(host);

/**
 * What to set at `domain` so that programs find the servers: SRV records (RFC 6186, RFC 8314 section 5.1), and the names under which
 * Thunderbird and Outlook ask `gate`. A server without a name, by its IP address alone, can stand in none of them.
 */
export function dnsRecords(domain: string, { incoming, outgoing }: Servers, gate: string): DnsRecord[] {
  const srv = (service: string, host: string, port: number): DnsRecord[] =>
    named(host) ? [{ name: `${service}._tcp.${domain}.`, type: "SRV", value: `0 1 ${port} ${host}.` }] : [];
  return [
    ...inOrder(outgoing).flatMap(({ host, port, encryption }) => srv(encryption === "tls" ? "_submissions" : "_submission", host, port)),
    ...srv(INCOMING[incoming.protocol][incoming.encryption], incoming.host, incoming.port),
    ...(named(gate) ? (["autoconfig", "autodiscover"] as const).map((name): DnsRecord => ({ name: `${name}.${domain}.`, type: "CNAME", value: `${gate}.` })) : []),
    ...srv("_autodiscover", gate, 443),
  ];
}
