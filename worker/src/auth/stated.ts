/** The headers by which a service states the SMTP session of a message. Only services may send them. */
import { Problem } from "../problem.ts";
import { canonicalAddress } from "../addresses.ts";

/** `Sendergate-User` is read with the token. */
const FIELDS = ["Sendergate-User", "Sendergate-Client", "Sendergate-Helo", "Sendergate-With"] as const;

export interface Stated {
  client?: string;
  /** The argument of EHLO or HELO; an address becomes an address literal. `isDomain` says whether it is a domain. */
  helo?: string;
  /** The protocol, as registered (IANA, Mail Transmission Types). */
  with?: string;
}

/** @throws Problem 403 if there is one of them. */
export function refuseStated({ headers }: Request): void {
  if (!FIELDS.some((name) => headers.has(name))) return;
  throw new Problem(403, "service-token-required", `only the holder of a service token may state ${FIELDS.map((name) => `\`${name}\``).join(", ")}`);
}

const READERS: { name: (typeof FIELDS)[number]; as: keyof Stated; read: (text: string) => string | undefined; wrong: string }[] = [
  { name: "Sendergate-Client", as: "client", read: canonicalAddress, wrong: "is no IP address" },
  { name: "Sendergate-Helo", as: "helo", read: heloOf, wrong: "is not what a client can say in EHLO: it takes 1 to 255 printable ASCII characters without space, `(`, `)`, `<`, `>`, `;` and `\\`; leave it out where the client gave none" },
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

/** The characters that need no escape in a comment. Real clients say `my_laptop` or `host.example.`, and a server may not refuse mail for that (RFC 5321 section 4.1.4). */
const CLAIM = /^[!-'*-:=?-[\]-~]{1,255}$/;

/** Many devices send their address without brackets, or without the tag for IPv6. */
const LITERAL = /^\[(?:IPv6:)?([0-9A-Fa-f.:]+)\]$/i;
const addressIn = (text: string): string | undefined => canonicalAddress(LITERAL.exec(text)?.[1] ?? text);

function heloOf(text: string): string | undefined {
  const address = addressIn(text);
  if (address !== undefined) return addressLiteral(address);
  return CLAIM.test(text) ? text : undefined;
}

/** Whether the text is an address: where addresses are hidden, it must not appear as a domain. */
export const isLiteral = (helo: string): boolean => addressIn(helo) !== undefined;

/** RFC 5321 section 4.1.3. */
export const addressLiteral = (address: string): string => (address.includes(":") ? `[IPv6:${address}]` : `[${address}]`);

/** SMTP, ESMTP, LMTP and variants: `A` with authentication, `S` over TLS, `UTF8` with SMTPUTF8 (RFC 3848, RFC 6531). */
const PROTOCOL = /^(?:SMTP|MMS|ESMTPS?A?|LMTPS?A?|UTF8(?:SMTP|LMTP)S?A?)$/;

function protocolOf(text: string): string | undefined {
  const name = text.toUpperCase();
  return PROTOCOL.test(name) ? name : undefined;
}
