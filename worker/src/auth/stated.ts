/** What the holder of a service token states of the SMTP session in which a message came; nobody else may. */
import { Problem } from "../problem.ts";
import { canonicalAddress } from "../addresses.ts";

/** `Sendergate-User` is read with the token. */
const FIELDS = ["Sendergate-User", "Sendergate-Client", "Sendergate-Helo", "Sendergate-With"] as const;

export interface Stated {
  /** The client's IP address. */
  client?: string;
  /** What it said in EHLO or HELO: a domain or an address literal. */
  helo?: string;
  /** How the message was handed in, as registered (IANA, Mail Transmission Types). */
  with?: string;
}

/** @throws Problem 403 where one of them is stated. */
export function refuseStated({ headers }: Request): void {
  if (!FIELDS.some((name) => headers.has(name))) return;
  throw new Problem(403, "service-token-required", `only the holder of a service token may state ${FIELDS.map((name) => `\`${name}\``).join(", ")}`);
}

const READERS: { name: (typeof FIELDS)[number]; as: keyof Stated; read: (text: string) => string | undefined; wrong: string }[] = [
  { name: "Sendergate-Client", as: "client", read: canonicalAddress, wrong: "is no IP address" },
  { name: "Sendergate-Helo", as: "helo", read: heloOf, wrong: "is neither a domain nor an address literal (RFC 5321 section 4.1.2); leave it out where the client gave none" },
  { name: "Sendergate-With", as: "with", read: protocolOf, wrong: "is no registered protocol, such as ESMTPSA (IANA, Mail Transmission Types)" },
];

/** @throws Problem 422, naming the header field. */
export function readStated({ headers }: Request): Stated {
  const stated: Stated = {};
  for (const { name, as, read, wrong } of READERS) {
    const text = headers.get(name);
    if (text === null) continue;
    const value = read(text);
    if (value === undefined) throw new Problem(422, "invalid-envelope", `\`${name}\` ${wrong}`, { parameter: name });
    stated[as] = value;
  }
  return stated;
}

const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

function heloOf(text: string): string | undefined {
  // Many a device says its address without the brackets. It is no domain, and must not pass for one where addresses are left out.
  const bare = canonicalAddress(text);
  if (bare !== undefined) return addressLiteral(bare);
  if (text.length <= 255 && DOMAIN.test(text)) return text;
  const [, six, address = ""] = /^\[(IPv6:)?([0-9A-Fa-f.:]+)\]$/i.exec(text) ?? [];
  const read = canonicalAddress(address);
  // An address of one family is no literal of the other.
  if (read === undefined || address.includes(":") !== (six !== undefined)) return undefined;
  return addressLiteral(read);
}

/** RFC 5321 section 4.1.3. */
export const addressLiteral = (address: string): string => (address.includes(":") ? `[IPv6:${address}]` : `[${address}]`);

/** SMTP, ESMTP, LMTP and their kin: `A` with authentication, `S` over TLS, `UTF8` with SMTPUTF8 (RFC 3848, RFC 6531). */
const PROTOCOL = /^(?:SMTP|MMS|ESMTPS?A?|LMTPS?A?|UTF8(?:SMTP|LMTP)S?A?)$/;

function protocolOf(text: string): string | undefined {
  const name = text.toUpperCase();
  return PROTOCOL.test(name) ? name : undefined;
}
