/** The trace field at the start of a message. */
import { isDomain } from "../addresses.ts";
import { type Stated, addressLiteral, isLiteral } from "../auth/stated.ts";
import { Problem } from "../problem.ts";
import type { LineEnd } from "./scan.ts";

/** More `Received` fields mean a mail loop (RFC 5321 section 6.3). */
const MOST_RECEIVED = 100;

export interface Trace extends Stated {
  id: string;
}

/**
 * The trace field (RFC 5321 section 4.4). It does not name the user, which is none of the recipients' business. It has the client's EHLO and the
 * protocol if a service states them. A message over HTTP has neither: no registered type means HTTP.
 */
export function received({ client, helo, with: protocol, id }: Trace, host: string, at: Date, line: LineEnd): string {
  const end = line === "lf" ? "\n" : "\r\n";
  const literal = client === undefined ? undefined : addressLiteral(client);
  const from = fromDomain(helo, literal);
  const by = `by ${host}${protocol === undefined ? "" : ` with ${protocol}`} id ${id};`;
  return `Received: ${from === undefined ? "" : `from ${from}${end}\t`}${by}${end}\t${at.toUTCString().replace("GMT", "+0000")}${end}`;
}

/** The address in a client's EHLO, even in a form that is not quite correct. */
const ADDRESS = /[:[\]]|\d{1,3}(?:\.\d{1,3}){3}/;

/**
 * Extended-Domain: a domain may stand alone, an address literal only with the address of the connection. Everything else goes into the
 * comment, because the syntax allows nothing else in the place of a domain.
 */
function fromDomain(helo: string | undefined, literal: string | undefined): string | undefined {
  if (helo === undefined || isLiteral(helo)) return literal === undefined ? undefined : `${helo ?? literal} (${literal})`;
  if (isDomain(helo)) return literal === undefined ? helo : `${helo} (${literal})`;
  // If the client's address is hidden, this must not contain it.
  if (literal === undefined && ADDRESS.test(helo)) return undefined;
  return `${literal ?? "unknown"} (HELO ${helo})`;
}

/** @throws Problem 422 if the message has too many `Received` fields, which means a loop. */
export function refuseLoop(count: number): void {
  if (count <= MOST_RECEIVED) return;
  const reply = { code: 554, enhancedCode: "5.4.6", text: "routing loop detected: too many Received fields" };
  throw new Problem(422, "routing-loop", `the message has more than ${MOST_RECEIVED} \`Received\` fields`, { reply });
}
